import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CNIPlugin

/// A recorded run of a plugin: its environment and standard input.
struct RecordedRun {
  let environment: [String: String]
  let input: String

  init(_ name: String) throws {
    let text = try Fixtures.text("cni/\(name).txt")
    let parts = text.split(separator: "\n\n", maxSplits: 1)
    environment = Dictionary(
      uniqueKeysWithValues: parts[0].split(separator: "\n").map {
        let sides = $0.split(separator: "=", maxSplits: 1)
        return (String(sides[0]), String(sides[1]))
      })
    input = String(parts[1])
  }
}

@Suite("The CNI plugin, by recordings of a runtime", .bounded)
struct PluginTests {
  private func run(
    _ name: String, _ change: (inout [String: String], inout String) -> Void = { _, _ in },
    answer: CNIPlugin.ExchangeResult = .answer("")
  ) throws -> (outcome: CNIPlugin.Outcome, messages: [AttachmentMessage]) {
    let recorded = try RecordedRun(name)
    var (environment, input) = (recorded.environment, recorded.input)
    change(&environment, &input)
    let lines = Mutex<[String]>([])
    let plugin = CNIPlugin(environment: environment) { socket, line, _ in
      #expect(socket == "/run/netpolc/agent.sock")
      lines.withLock { $0.append(line) }
      return answer
    }
    let outcome = plugin.run(input)
    return (outcome, try lines.withLock { $0 }.map { try AttachmentMessage(line: $0) })
  }

  private let message = AttachmentMessage(
    .add, container: "c49f2afdc1fcea92d8562809fbe734e28dc07ac270637d074ff93d3c38c145ba", interface: "eth0",
    namespace: "cnirec", name: "web-0", uid: "13a38897-32c2-4c5b-98bb-df9072576d29",
    addresses: ["10.244.0.33", "fd00:10:244::11e"])

  @Test("ADD tells the pod's addresses and passes the former result on")
  func add() throws {
    let (outcome, messages) = try run("add")
    #expect(outcome.status == 0)
    #expect(messages == [message])
    #expect(outcome.output.hasPrefix(#"{"cniVersion":"1.0.0","interfaces":["#))
    #expect(outcome.output.hasSuffix(#""routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}"# + "\n"))
  }

  @Test("ADD fails where the agent cannot say done, unless the configuration opens")
  func addFails() throws {
    for answer in [
      CNIPlugin.ExchangeResult.failed("Connection refused"), .answer("the lists are not complete"),
    ] {
      let (outcome, _) = try run("add", answer: answer)
      #expect(outcome.status == 1)
      #expect(
        outcome.output.hasPrefix(
          #"{"cniVersion":"1.0.0","code":11,"msg":"the pod's network policies are not in force yet: "#))
      #expect(outcome.output.contains("netpolc-agent manifest --uninstall | kubectl apply -f -"))
      let open = try run(
        "add", { $1 = $1.replacing("\"type\":", with: "\"openOnFailure\":true,\"type\":") }, answer: answer)
      #expect(open.outcome.status == 0)
      #expect(open.outcome.output.contains("\"ips\""))
    }
  }

  @Test("DEL and GC succeed whatever the agent says, also with little in the environment")
  func remove() throws {
    var expected = message
    expected.verb = .remove
    let (outcome, messages) = try run("del", answer: .failed("gone"))
    #expect(outcome == .init(output: "", status: 0))
    #expect(messages == [expected])
    #expect(try run("del", { environment, _ in environment["CNI_ARGS"] = nil }).outcome.status == 0)
    let collected = try run(
      "del",
      {
        $0["CNI_COMMAND"] = "GC"
        $1 = $1.replacing(
          "\"type\":",
          with: "\"cni.dev/valid-attachments\":[{\"containerID\":\"c\",\"ifname\":\"eth0\"}],\"type\":")
      }, answer: .failed("gone"))
    #expect(collected.outcome == .init(output: "", status: 0))
    #expect(collected.messages == [AttachmentMessage(.collect, attachments: ["c/eth0"])])
    // Nor where the list is none, or what it has is no attachment.
    for (list, attachments) in [
      ("null", [] as [String]?), ("[]", []), ("\"x\"", nil), ("{}", nil), ("[{}]", nil), ("[\"c\"]", nil),
    ] {
      let sent = try run(
        "del",
        {
          $0["CNI_COMMAND"] = "GC"
          $1 = $1.replacing("\"type\":", with: "\"cni.dev/valid-attachments\":\(list),\"type\":")
        })
      #expect(sent.outcome == .init(output: "", status: 0))
      #expect(sent.messages == (attachments.map { [AttachmentMessage(.collect, attachments: $0)] } ?? []))
    }
    // Without a list nothing may be taken for gone.
    #expect(try run("del", { environment, _ in environment["CNI_COMMAND"] = "GC" }).messages == [])
  }

  @Test("CHECK, STATUS and VERSION")
  func questions() throws {
    func outcome(_ command: String, _ answer: CNIPlugin.ExchangeResult) throws -> CNIPlugin.Outcome {
      try run("add", { environment, _ in environment["CNI_COMMAND"] = command }, answer: answer).outcome
    }
    #expect(try outcome("CHECK", .answer("")) == .init(output: "", status: 0))
    #expect(try outcome("CHECK", .answer("another pod has the address")).output.contains("\"code\":100"))
    #expect(try outcome("STATUS", .answer("")) == .init(output: "", status: 0))
    #expect(try outcome("STATUS", .failed("x")).output.contains("\"code\":50"))
    #expect(
      try outcome("VERSION", .failed("x")).output
        == #"{"cniVersion":"1.0.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}"# + "\n")
    #expect(try outcome("NEW", .failed("x")).output.contains("\"code\":4"))
  }

  @Test("input that no runtime sends is refused with the specification's numbers")
  func badInput() throws {
    func code(_ change: (inout [String: String], inout String) -> Void) throws -> String {
      let outcome = try run("add", change).outcome
      #expect(outcome.status == 1)
      return outcome.output.split(separator: ",").first { $0.hasPrefix("\"code\"") }.map(String.init) ?? ""
    }
    #expect(try code { $1 = "" } == "\"code\":6")
    #expect(try code { $1 = "[]" } == "\"code\":6")
    #expect(try code { $1 = String($1.prefix(300)) } == "\"code\":6")
    #expect(
      try code {
        $1 = $1.replacing("\"cniVersion\":\"1.0.0\",\"name\"", with: "\"cniVersion\":\"9.0.0\",\"name\"")
      } == "\"code\":1")
    #expect(try code { $1 = $1.replacing("prevResult", with: "priorResult") } == "\"code\":7")
    #expect(try code { environment, _ in environment["CNI_COMMAND"] = nil } == "\"code\":4")
    #expect(try code { environment, _ in environment["CNI_CONTAINERID"] = "" } == "\"code\":4")
    #expect(try code { environment, _ in environment["CNI_ARGS"] = "IgnoreUnknown=1" } == "\"code\":4")
  }

  @Test("the program itself, in a root that holds nothing else")
  func program() throws {
    let folder = try TemporaryFolder()
    let place = URL(filePath: BuiltProgram.netpolc).deletingLastPathComponent().appending(path: "netpolc-cni")
    try FileManager.default.copyItem(at: place, to: URL(filePath: folder.path("netpolc-cni")))
    func run(_ name: String, _ change: (inout String) -> Void = { _ in }) throws -> CommandRun {
      var recorded = try RecordedRun(name).input
      change(&recorded)
      let variables = try RecordedRun(name).environment.map { "\($0)=\($1)" }.sorted()
      return try CommandRun(
        "/usr/bin/env", ["-i"] + variables + ["/usr/sbin/chroot", folder.path("."), "/netpolc-cni"],
        input: recorded)
    }
    guard getuid() == 0 else { return }
    let add = try run("add")
    #expect(add.status == 1)
    #expect(
      add.output.contains("the agent at /run/netpolc/agent.sock does not answer: No such file or directory"))
    #expect(add.errors == "")
    let open = try run("add") { $0 = $0.replacing("\"type\":", with: "\"openOnFailure\":true,\"type\":") }
    #expect(open.status == 0)
    #expect(open.output.contains("10.244.0.33/24"))
    #expect(try run("del").status == 0)
  }
}
