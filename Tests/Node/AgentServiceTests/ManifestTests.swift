import Foundation
import TestSupport
import Testing

@Suite("What kubectl apply installs", .bounded)
struct ManifestTests {
  @Test(
    "the containers end on SIGTERM at once, though they are the first process of their namespace", .needsRoot)
  func firstProcess() throws {
    let folder = try TemporaryFolder()
    try folder.write("bin/x", "")
    try folder.write("conf/10-net.conflist", #"{"cniVersion":"1.0.0","name":"net","plugins":[]}"#)
    let places = "--bin-directory \(folder.path("bin")) --conf-directory \(folder.path("conf"))"
    for (command, isBegun) in [
      ("install-cni --keep \(places)", "grep -q netpolc-cni \(folder.path("conf"))/10-net.conflist"),
      ("uninstall-cni --stay \(places)", "! grep -q netpolc-cni \(folder.path("conf"))/10-net.conflist"),
    ] {
      let run = try CommandRun(
        "/bin/bash",
        [
          "-c",
          """
          unshare --pid --fork \(AgentProcess.directory)/netpolc-agent \(command) >&2 & u=$!
          until \(isBegun); do sleep 0.05; done
          sleep 0.2
          kill -TERM $(cat /proc/$u/task/$u/children)
          timeout 120 tail --pid=$u -f /dev/null || kill -KILL $u
          wait $u; echo "ended $?"
          """,
        ])
      #expect(run.output == "ended 0\n", "\(command): \(run.errors)")
    }
  }

  @Test(
    "the manifests are those that reviewers read; NETPOLC_RECORD=1 writes them", arguments: [false, true])
  func golden(isRemoval: Bool) throws {
    let folder = AgentProcess.directory
    let run = try CommandRun(
      "\(folder)/netpolc-agent",
      ["manifest", "--image", "registry.example/netpolc-agent:1"] + (isRemoval ? ["--uninstall"] : []))
    #expect(run.status == 0)
    let golden = Golden("agent/\(isRemoval ? "uninstall" : "install").yaml")
    if let difference = golden.difference(from: run.output) { Issue.record("\(difference)") }
    if !isRemoval {
      let page = try String(contentsOf: Fixtures.package.appending(path: "docs/agent.md"), encoding: .utf8)
      #expect(page.contains(run.output), "docs/agent.md shows another manifest")
    }
  }
}
