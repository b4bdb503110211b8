import Foundation
import TestSupport
import Testing

/// The action is run as GitHub's runner would: bash with its options, the step's variables, a real repository. Only `gh`
/// is a stand-in, which writes down what it is asked.
@Suite("the GitHub action comments, annotates, and takes names for names", .bounded)
struct ActionTests {
  static let path = ".github/actions/netpolc-diff/action.yml"

  /// What a run came to.
  struct Outcome {
    let status: Int32
    /// Standard output and standard error.
    let lines: [String]
    /// The arguments of each call of gh.
    let calls: [[String]]
    /// What was to be commented, and the summary of the job.
    let comment: String, summary: String
  }

  /// A shell word of any text.
  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

  /// Runs the action in a repository whose base has the guide's first policy and whose head is `change`d.
  private func run(
    policies: String = "policies", inventory: String = "inventory.yaml", inventoryInput: String? = nil,
    failOn: String? = nil,
    comment: String? = nil, number: String = "17", base: String? = nil, change: String = "true",
    before: String = "true", checkout: String = "true", gh answer: Int = 0, without program: String? = nil
  ) throws -> Outcome {
    let action = try CompositeAction(Self.path)
    let step = try #require(action.steps.first)
    var values = [
      "github.token": "secret", "github.event.pull_request.number": number,
      "github.event.pull_request.base.sha": base ?? "$BASE_COMMIT",
      "github.event.pull_request.head.sha": "$HEAD_COMMIT",
    ]
    for input in action.inputs { values["inputs.\(input.name)"] = input.fallback }
    values["inputs.policies"] = policies
    values["inputs.inventory"] = inventoryInput ?? inventory
    if let failOn { values["inputs.fail-on"] = failOn }
    if let comment { values["inputs.comment"] = comment }

    var session = try DocumentSession()
    try session.write(step.script, to: "step.sh")
    session.add("mkdir bin temp repository && cd repository && git init -q .")
    session.add("mkdir -p -- \(Self.quoted(policies)) \"$(dirname -- \(Self.quoted(inventory)))\"")
    session.add("cp ../Fixtures/guide/01-sample/policy.yaml -- \(Self.quoted(policies))/policy.yaml")
    session.add("cp ../Fixtures/guide/inventory.yaml -- \(Self.quoted(inventory))")
    session.add("P=\(Self.quoted(policies)); \(before)")
    session.add("git add -A && git commit -qm base --allow-empty && BASE_COMMIT=$(git rev-parse HEAD)")
    session.add(change)
    session.add(
      "git add -A && git commit -qm head --allow-empty; HEAD_COMMIT=$(git rev-parse HEAD); \(checkout)")
    // What gh is asked: arguments end with NUL, calls with a line feed; and the comment it is given.
    let gh = #"""
      #!/bin/bash
      printf '%s\0' "$@" >> "$GH_LOG"; echo >> "$GH_LOG"
      while [ $# -gt 0 ]; do if [ "$1" = --body-file ]; then cat "$2" > "$GH_LOG.comment"; fi; shift; done
      """#
    try session.write(gh + "\nexit \(answer)\n", to: "gh.sh")
    session.add("install -m 755 ../gh.sh ../bin/gh")
    var environment = ""
    for (name, value) in step.environment {
      let expanded = try CompositeAction.expand(value, values)
      environment += "\(name)=\(expanded.hasSuffix("_COMMIT") ? expanded : Self.quoted(expanded)) "
    }
    if let program {
      session.add(
        "for p in bash git netpolc; do ln -s \"$(command -v $p)\" ../bin/$p; done; rm ../bin/\(program)")
    }
    session.add(
      "\(environment) GH_LOG=\"$PWD/../gh.log\" RUNNER_TEMP=\"$PWD/../temp\" GITHUB_STEP_SUMMARY=\"$PWD/../summary\" "
        + "PATH=\(program == nil ? "\"$PWD/../bin:$PATH\"" : "\"$PWD/../bin\"") "
        + "$(command -v bash) --noprofile --norc -eo pipefail ../step.sh")
    session.add("tr '\\0' '\\1' < ../gh.log")
    session.add("cat ../gh.log.comment")
    session.add("cat ../summary")
    // Nothing is left over, nothing was made by a name that is a command.
    session.add("ls -A ../temp; find .. -name pwned; git status --porcelain")
    let answers = try session.run()
    let number = answers.count - 5
    for (index, answer) in answers[..<number].enumerated() {
      #expect(answer.status == 0, "step \(index): \(answer.lines)")
    }
    #expect(answers[number + 4].lines == [])
    let calls = answers[number + 1].status == 0 ? answers[number + 1].lines : []
    func text(_ answer: DocumentSession.Answer) -> String {
      answer.status == 0 ? answer.lines.joined(separator: "\n") : ""
    }
    return Outcome(
      status: answers[number].status, lines: answers[number].lines,
      calls: calls.map { $0.split(separator: "\u{1}").map(String.init) },
      comment: text(answers[number + 2]), summary: text(answers[number + 3]))
  }

  /// A change that opens the exception of the guide's block.
  static let widening = "sed -i '/except:/,+1d' \"./$P/policy.yaml\""
  /// A change that takes the rule of a peer away.
  static let narrowing = "sed -i '/from:/,$d' \"./$P/policy.yaml\""

  /// The body's file has a name of its own.
  private func calls(_ outcome: Outcome) -> [[String]] {
    outcome.calls.map { $0.map { $0.hasSuffix("/comment.md") ? "FILE" : $0 } }
  }

  @Test("inputs are variables, never text of the script, and every one is used and declared")
  func inputs() throws {
    let action = try CompositeAction(Self.path)
    #expect(action.steps.count == 1)
    for step in action.steps {
      #expect(step.shell == "bash")
      #expect(!step.script.contains("${{"))
      for (name, _) in step.environment where name != "GH_TOKEN" {
        #expect(step.script.contains("$\(name)"), "\(name) is not used")
      }
    }
    let used = action.steps.flatMap(\.environment).map(\.value)
    for input in action.inputs {
      #expect(used.contains("${{ inputs.\(input.name) }}"), "\(input.name) goes nowhere")
    }
  }

  @Test("the description of fail-on names every choice of the command, and the image's stage runs as root")
  func described() throws {
    let text = try String(contentsOf: Fixtures.package.appending(path: Self.path), encoding: .utf8)
    for choice in ["any", "widened", "narrowed", "appeared", "none"] {
      let line = text.split(separator: "\n").first { $0.contains("fail the job:") }
      #expect(line?.contains(choice) == true, "\(choice)")
    }
    let image = try String(contentsOf: Fixtures.package.appending(path: ".ci/Containerfile"), encoding: .utf8)
    #expect(image.contains("FROM debian AS action\nUSER root\n"))
  }

  @Test("no change: an earlier comment is put right, no new one is made")
  func same() throws {
    let outcome = try run()
    #expect(outcome.status == 0, "\(outcome.lines)")
    #expect(calls(outcome) == [["pr", "comment", "17", "--body-file", "FILE", "--edit-last"]])
    #expect(outcome.comment == outcome.summary)
    #expect(!outcome.lines.contains { $0.hasPrefix("::") })
  }

  @Test(
    "wider: a comment, an annotation at the rule, and the status asked for", .long,
    arguments: [
      ("none", 0), ("narrowed", 0), ("appeared", 0), ("widened", 1), ("any", 1),
    ] as [(String, Int32)])
  func wider(_ failOn: String, _ status: Int32) throws {
    let outcome = try run(failOn: failOn, change: Self.widening)
    #expect(outcome.status == status, "\(outcome.lines)")
    #expect(
      calls(outcome) == [["pr", "comment", "17", "--body-file", "FILE", "--edit-last", "--create-if-none"]])
    #expect(outcome.comment.contains("172.17.1.0"))
    #expect(outcome.comment == outcome.summary)
    #expect(
      outcome.lines.contains { $0.hasPrefix("::") && $0.contains("file=policies/policy.yaml,line=") },
      "\(outcome.lines)")
  }

  @Test("narrower fails where that was asked")
  func narrower() throws {
    #expect(try run(failOn: "narrowed", change: Self.narrowing).status == 1)
    #expect(try run(failOn: "widened", change: Self.narrowing).status == 0)
  }

  @Test("policies that come or go altogether", .long)
  func comeAndGo() throws {
    let come = try run(
      failOn: "widened", change: "mv ../aside \"./$P\"", before: "mv \"./$P\" ../aside")
    #expect(come.status == 0, "\(come.lines)")
    #expect(come.calls.count == 1)
    let go = try run(failOn: "widened", change: "rm -r \"./$P\"")
    #expect(go.status == 1, "\(go.lines)")
    #expect(go.calls.count == 1)
  }

  @Test(
    "trouble ends the job before anything is commented", .long,
    arguments: [
      ("echo 'spec: {oops: 1}' >> \"$P/policy.yaml\"", "[duplicate-key]"),
      ("rm inventory.yaml", "inventory.yaml"),
    ])
  func trouble(_ change: String, _ words: String) throws {
    let outcome = try run(change: change)
    #expect(outcome.status == 2)
    #expect(outcome.calls == [])
    #expect(outcome.summary == "")
    #expect(outcome.lines.contains { $0.contains(words) }, "\(outcome.lines)")
    #expect(outcome.lines.contains { $0.hasPrefix("::error ") }, "\(outcome.lines)")
  }

  @Test("each side is compared with its own inventory: a relabelling alone is a change")
  func relabelled() throws {
    let relabel = "sed -i 's/app: hello/app: greeting/' inventory.yaml"
    let outcome = try run(failOn: "any", change: relabel)
    #expect(outcome.status == 1, "\(outcome.lines)")
    #expect(outcome.calls.count == 1)
    #expect(!outcome.comment.contains("0 widened, 0 narrowed"), "\(outcome.comment)")
    // The annotation is in the file that changed, the policies are told as what else decides.
    let annotations = outcome.lines.filter { $0.hasPrefix("::") }
    #expect(annotations.allSatisfy { $0.contains("file=inventory.yaml,line=") }, "\(annotations)")
    #expect(
      annotations.contains { $0.contains("also decides: HEAD") || $0.contains("policies/policy.yaml:") })
  }

  @Test("several inventories, one a line; one that the base lacks serves both sides", .long)
  func severalInventories() throws {
    let split =
      "mkdir parts; csplit -sz -f parts/ -b %02d.yaml inventory.yaml '/^---$/' '{*}'; rm inventory.yaml"
    for before in ["\(split); mv parts/00.yaml first.yaml", "true"] {
      let change =
        before == "true" ? "\(split); mv parts/00.yaml first.yaml; \(Self.widening)" : Self.widening
      let outcome = try run(
        inventoryInput: "first.yaml\nparts\n", failOn: "any", change: change, before: before)
      #expect(outcome.status == 1, "\(outcome.lines)")
      #expect(outcome.comment.contains("172.17.1.0"), "\(outcome.comment)")
    }
  }

  @Test("an inventory that the base lacks is none there: its pods are new", .long)
  func newInventory() throws {
    let pod =
      "apiVersion: v1\\nkind: Pod\\nmetadata: {name: added, namespace: default}\\nspec: {containers: [{name: c}]}\\nstatus: {phase: Running, podIP: 10.244.9.9}\\n"
    let outcome = try run(
      inventoryInput: "inventory.yaml\nmore.yaml\n", failOn: "widened", change: "printf '\(pod)' > more.yaml")
    #expect(outcome.status == 1, "\(outcome.lines)")
    #expect(outcome.comment.contains("New: default/added"), "\(outcome.comment)")
    let gone = try run(
      inventoryInput: "inventory.yaml\nmore.yaml\n", failOn: "narrowed", change: "rm more.yaml",
      before: "printf '\(pod)' > more.yaml")
    #expect(gone.status == 1, "\(gone.lines)")
    #expect(gone.comment.contains("Gone: default/added"), "\(gone.comment)")
  }

  @Test("what the base changed meanwhile is no part of the pull request, whatever is checked out", .long)
  func movedBase() throws {
    // The base has a second policy, which the branch of the pull request has not.
    let base =
      "git checkout -q -b base $BASE_COMMIT; cp \"./$P/policy.yaml\" \"./$P/other.yaml\"; "
      + "sed -i 's/name: my-network-policy/name: other/' \"./$P/other.yaml\"; git add -A; git commit -qm more; "
      + "BASE_COMMIT=$(git rev-parse HEAD)"
    for checkout in ["git checkout -q $HEAD_COMMIT", "git merge -q --no-edit $HEAD_COMMIT"] {
      let outcome = try run(failOn: "any", change: "true", checkout: "\(base); \(checkout)")
      #expect(outcome.status == 0, "\(checkout): \(outcome.lines)")
    }
  }

  @Test("policies that come with settings that exclude some of them: the base's settings count", .long)
  func newPoliciesWithSettings() throws {
    let outcome = try run(
      failOn: "widened", change: "mv ../aside \"./$P\"; echo '*.yaml' > .netpolcignore",
      before: "mv \"./$P\" ../aside")
    #expect(outcome.status == 1, "\(outcome.lines)")
    #expect(outcome.lines.contains { $0.contains("netpolc review-config-changed") }, "\(outcome.lines)")
  }

  @Test("an undecided answer is commented, and fails the job where anything would", .long)
  func undecided() throws {
    let chart = "mkdir c; printf 'apiVersion: v2\\nname: c\\n' > c/Chart.yaml; mv c \"./$P/c\""
    for (failOn, status) in [("none", 0), ("any", 3)] as [(String, Int32)] {
      let outcome = try run(failOn: failOn, change: chart)
      #expect(outcome.status == status, "\(outcome.lines)")
      #expect(outcome.comment.contains("Not compared: the Helm chart c, which differs"), "\(outcome.comment)")
      #expect(outcome.lines.contains { $0.contains("netpolc not-compared") }, "\(outcome.lines)")
    }
  }

  @Test("a comment that may not be written changes no verdict")
  func noComment() throws {
    let outcome = try run(failOn: "none", change: Self.widening, gh: 1)
    #expect(outcome.status == 0, "\(outcome.lines)")
    #expect(outcome.lines.contains { $0.hasPrefix("::warning title=netpolc diff::the comment could not") })
  }

  @Test("no inventory: what stands among the policies is compared")
  func noInventory() throws {
    let outcome = try run(
      inventoryInput: "", failOn: "widened", change: Self.widening, before: "mv inventory.yaml \"./$P/\"")
    #expect(outcome.status == 1, "\(outcome.lines)")
    #expect(outcome.comment.contains("172.17.1.0"))
  }

  @Test("what is missing is said", .long)
  func missing() throws {
    func only(_ outcome: Outcome) -> [String] {
      #expect(outcome.status == 2)
      #expect(outcome.calls == [])
      return outcome.lines.filter { $0.hasPrefix("::error") }
    }
    let prefix = "::error title=netpolc diff::"
    #expect(try only(run(number: "")) == [prefix + "this action is for pull_request events"])
    #expect(
      try only(run(base: String(repeating: "0", count: 40))) == [
        prefix + "the base is not in this checkout: it needs fetch-depth: 0"
      ])
    #expect(try only(run(without: "gh")) == [prefix + "there is no gh on the path"])
    #expect(
      try only(run(before: "mv \"./$P\" elsewhere")) == [
        prefix + "there are no such policies, before or after"
      ])
  }

  @Test(
    "a name is a name", .long,
    arguments: [
      "two words", "$(touch pwned)", "`touch pwned`", "a'b\"c", "-n", "--format", "-", "a;touch pwned", "*",
      "Größe",
      "a\nb", "HEAD:policies", "policies/", "deep/er", "\\", "%s",
    ])
  func hostile(_ name: String) throws {
    let outcome = try run(policies: name, failOn: "widened", change: Self.widening)
    #expect(outcome.status == 1, "\(outcome.lines)")
    #expect(outcome.calls.count == 1)
    if name.hasSuffix("/") { return }
    let other = try run(inventory: "\(name)i.yaml", failOn: "widened", change: Self.widening)
    #expect(other.status == 1, "\(other.lines)")
  }

  @Test(
    "a word that is none of the choices is trouble, whatever it is", .long,
    arguments: ["$(touch pwned)", "", "-x"])
  func badChoice(_ word: String) throws {
    let outcome = try run(failOn: word, change: Self.widening)
    #expect(outcome.status > 1, "\(outcome.lines)")
    #expect(outcome.calls == [])
  }

  @Test("no comment where none is wanted")
  func quiet() throws {
    let outcome = try run(comment: "false", change: Self.widening)
    #expect(outcome.status == 0)
    #expect(outcome.calls == [])
    #expect(outcome.summary.contains("172.17.1.0"))
  }

  @Test("a comment that is too long is cut at a line, and says so", .long)
  func long() throws {
    let many = """
      long=$(printf 'x%.0s' $(seq 120))
      for n in $(seq 800); do
        printf -- '---\\napiVersion: networking.k8s.io/v1\\nkind: NetworkPolicy\\nmetadata: {name: p%s-%s}\\n' "$n" "$long"
        printf 'spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.%s.0.0/17}}], ports: [{port: %s}]}]}\\n' \\
          $((n % 200)) $((n + 7000))
      done > "./$P/more.yaml"
      """
    let outcome = try run(change: many)
    #expect(outcome.status == 0, "\(outcome.lines)")
    #expect(outcome.summary.utf8.count > 60_000)
    #expect(outcome.comment.utf8.count < 61_000)
    #expect(outcome.comment.hasSuffix("\n… the rest is in the summary of the job."))
  }

  @Test(
    "a checkout of another user", .needsRoot)
  func otherUser() throws {
    let outcome = try run(failOn: "widened", change: "\(Self.widening); chown -R 4321:4321 .; git() { :; }")
    #expect(outcome.status == 1, "\(outcome.lines)")
  }
}
