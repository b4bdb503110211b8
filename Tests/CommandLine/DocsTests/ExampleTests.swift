import Foundation
import TestSupport
import Testing

@Suite("examples of the help texts", .needsRoot, .bounded, .onOwnThread)
struct ExampleTests {
  /// The files before each example of a command; every one begins without a table.
  static let before: [String: String] = [
    "apply": "netpolc plan policies --inventory inventory.yaml --node node-a -o plan.json",
    "confirm":
      "netpolc compile policies --inventory inventory.yaml --node node-a --apply --confirm-within 2m",
    "remove": "netpolc compile policies --inventory inventory.yaml --node node-a --apply",
    "rollback":
      "netpolc compile policies --inventory inventory.yaml --node node-a --apply; "
      + "netpolc compile policies --inventory inventory.yaml --node node-a --apply --audit --confirm-within 2m",
    "status": "netpolc compile policies --inventory inventory.yaml --node node-a --apply",
    "verify":
      "netpolc compile policies --inventory inventory.yaml --node node-a --apply --output node-a.nft",
  ]

  @Test("are run, and end with the recorded statuses; NETPOLC_RECORD=1 records them")
  func statuses() throws {
    var session = try DocumentSession()
    let policies = "Fixtures/guide/01-sample"
    session.add(
      "git init -q -b main . && cp -r \(policies) policies && git add policies && git commit -qm policies")
    session.add(
      "cp -r Fixtures/guide/04-deny-egress policies/; cp Fixtures/guide/inventory.yaml .; cp inventory.yaml today.yaml"
    )
    session.add("cp Fixtures/assert/guide/holds.yaml expectations.yaml")
    // Programs that the examples take input from.
    session.add("mkdir bin && export PATH=$PWD/bin:$PATH")
    let kubectl = "case $2 in networkpolicies) cat policies/policy.yaml;; *) cat today.yaml;; esac"
    session.add("printf '#!/bin/sh\\n\(kubectl)\\n' > bin/kubectl")
    session.add("printf '#!/bin/sh\\nhead -1 Fixtures/log/kernel.log\\n' > bin/journalctl; chmod +x bin/*")
    let setUp = 6
    var examples: [String] = []
    for command in HelpTests.commands {
      let name = command.isEmpty ? "netpolc" : "netpolc-\(command)"
      let found = Self.examples(in: try Fixtures.text("help/\(name).txt"))
      #expect(!found.isEmpty, "\(name): no examples")
      for example in found {
        // The revision that the text speaks of is a later one than a session comes to. What waits for a confirmation
        // is in the way of another change.
        let line = example.replacing("--to 41", with: "--to 1")
        let confirmation = line == example ? "" : "; netpolc confirm"
        session.add(
          "nft delete table inet netpolc 2>/dev/null; rm -rf /run/netpolc; \(Self.before[command] ?? "true")\(confirmation)"
        )
        session.add(line)
        examples.append(example)
      }
    }
    let answers = try session.run()
    var text = ""
    for (number, example) in examples.enumerated() {
      let answer = answers[setUp + 2 * number + 1]
      text += "\(answer.status)  \(example)\n"
      let isMisuse = answer.lines.contains { $0.hasPrefix("Usage:") || $0.hasSuffix("command not found") }
      #expect(!isMisuse && answer.status < 2, "\(example): \(answer.status) \(answer.lines)")
      let ready = answers[setUp + 2 * number]
      #expect(ready.status == 0, "before \(example): \(ready.lines)")
    }
    if let difference = Golden("help/examples.run").difference(from: text) { Issue.record("\(difference)") }
  }

  /// The commands below `Examples:`, whole where they go on after a backslash.
  static func examples(in help: String) -> [String] {
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "Examples:") else { return [] }
    let block = lines[(start + 1)...].prefix { !$0.isEmpty }
    var found: [String] = []
    var isContinued = false
    for line in block {
      let text = line.drop { $0 == " " }
      let part = text.hasSuffix("\\") ? String(text.dropLast()) : String(text)
      if isContinued, let last = found.popLast() { found.append(last + part) } else { found.append(part) }
      isContinued = text.hasSuffix("\\")
    }
    return found
  }
}
