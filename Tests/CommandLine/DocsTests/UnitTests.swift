import Foundation
import TestSupport
import Testing

/// The programs of the package's units: `.ci/load` at boot, `.ci/fetch` by the timer.
@Suite("units", .bounded, .onOwnThread)
struct UnitTests {
  private static let scripts = Fixtures.package.appending(path: ".ci").path(percentEncoded: false)

  @Test(
    "at boot the last proved table comes first, and stays where today's policies do not compile", .needsRoot)
  func boot() throws {
    var session = try DocumentSession()
    session.add(
      "export NETPOLC_STATE=$PWD/state NETPOLC_POLICIES=$PWD/policies NETPOLC_INVENTORY=$PWD/inventory NETPOLC_NODE=node-a"
    )
    session.add("mkdir policies inventory; cp Fixtures/guide/inventory.yaml inventory/")
    session.add("cp Fixtures/guide/04-deny-egress/policy.yaml policies/; load() { '\(Self.scripts)/load'; }")
    session.add("chains() { nft list table inet netpolc | grep -c 'chain out4-default/deny-egress'; }")
    // The table and /run are gone together.
    session.add("reboot() { nft delete table inet netpolc; rm -rf /run/netpolc; }")
    let setUp = 5
    let steps: [(command: String, status: Int32, lines: [String]?)] = [
      ("load", 0, nil), ("chains", 0, ["1"]), ("ls state | wc -l", 0, ["2"]),
      // Half a file.
      ("reboot; head -c 100 Fixtures/guide/04-deny-egress/policy.yaml > policies/policy.yaml; load", 2, nil),
      ("chains", 0, ["1"]),
      // The whole file, and one more: both loads succeed, and the second decides.
      (
        "reboot; cp Fixtures/guide/04-deny-egress/policy.yaml policies/; cp Fixtures/guide/01-sample/policy.yaml policies/2.yaml; load",
        0, nil
      ), ("netpolc status | grep -c '^revision  2$'", 0, ["1"]), ("ls state | wc -l", 0, ["2"]),
      // A reload of what does not compile leaves what is loaded, and loads nothing that is older.
      ("echo '{' >> policies/policy.yaml; load", 2, nil),
      ("netpolc status | grep -c '^revision  2$'", 0, ["1"]),
      // No policies at all.
      ("reboot; rm -r policies; load", 2, nil), ("nft list table inet netpolc > table; echo $?", 0, ["0"]),
      // Nothing kept and nothing stored: nothing is loaded, and that is said.
      ("reboot; rm -r state; load", 2, nil), ("nft list table inet netpolc 2>/dev/null", 1, []),
    ]
    for step in steps { session.add(step.command) }
    let answers = try session.run()
    for (step, answer) in zip(steps, answers.dropFirst(setUp)) {
      #expect(answer.status == step.status, "\(step.command): \(answer.status) \(answer.lines)")
      if let lines = step.lines { #expect(answer.lines == lines, "\(step.command)") }
    }
    let again = answers[setUp + 3].lines
    #expect(again.contains("netpolc-load: no table is loaded: the last proved inputs first"), "\(again)")
    #expect(again.contains("netpolc-load: status 2: what was loaded before stays"), "\(again)")
  }

  /// The output of kubectl for a cluster with a node, a namespace and a pod.
  private static let answer = """
    {
        "apiVersion": "v1",
        "items": [
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": "web",
                    "namespace": "default",
                    "ownerReferences": [
                        {
                            "kind": "Node"
                        }
                    ]
                },
                "status": {"podIP": "10.244.1.5"}
            },
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": "default"}
            },
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": "node-a"}
            }
        ],
        "kind": "List",
        "metadata": {"resourceVersion": ""}
    }

    """

  @Test(
    "a fetch replaces the inventory by a rename, and refuses an answer that is empty, half or partial",
    .needsRoot)
  func fetch() throws {
    var session = try DocumentSession()
    try session.write(Self.answer, to: "whole")
    session.add(
      "export NETPOLC_INVENTORY=$PWD/inventory NETPOLC_POLICIES=$PWD/policies NETPOLC_KUBECTL=$PWD/kubectl")
    session.add(
      "mkdir -p place && printf '#!/bin/sh\\ncat answer; exit $(cat status)\\n' > kubectl; chmod +x kubectl")
    session.add(
      "answer() { echo ${1:-0} > status; '\(Self.scripts)/fetch' > said 2>&1; s=$?; grep -o 'there is no [A-Za-z]*\\|kubectl failed\\|cannot read\\|[0-9]* bytes\\|is neither' said; return $s; }"
    )
    session.add(
      "kept() { cmp whole inventory/inventory.json && ls -d inventory* inventory/* | tr '\\n' ' '; }")
    let setUp = 4
    let kept = ["inventory inventory/inventory.json "]
    let steps: [(command: String, status: Int32, lines: [String])] = [
      ("cp whole answer; answer", 0, ["\(Self.answer.utf8.count) bytes"]), ("kept", 0, kept),
      (": > answer; answer", 2, ["there is no Pod"]), ("kept", 0, kept),
      // Without rights for some kinds, kubectl prints the others and fails.
      ("cp whole answer; answer 1", 2, ["kubectl failed"]), ("kept", 0, kept),
      (
        "printf '{\\n    \"apiVersion\": \"v1\",\\n    \"items\": [],\\n    \"kind\": \"List\"\\n}\\n' > answer; answer",
        2, ["there is no Pod"]
      ),
      ("kept", 0, kept),
      // All kinds are there, but not the end.
      ("head -c -20 whole > answer; answer", 2, ["cannot read"]), ("kept", 0, kept),
      // The kind of an owner is no node.
      (
        "sed 's/^            \"kind\": \"Node\"/            \"kind\": \"Other\"/' whole > answer; grep -c '\"Node\"' answer; answer",
        2, ["1", "there is no Node"]
      ),
      ("kept", 0, kept),
      (
        "sed 's/\"web\"/\"web-2\"/' whole > answer; cp answer whole; answer", 0,
        ["\(Self.answer.utf8.count + 2) bytes"]
      ),
      ("kept", 0, kept),
      ("export NETPOLC_FETCH='policies'; answer", 2, ["there is no NetworkPolicy"]),
      ("ls policies | wc -l", 0, ["0"]),
      ("export NETPOLC_FETCH='pods'; answer", 2, ["is neither"]),
    ]
    for step in steps { session.add(step.command) }
    for (step, answer) in zip(steps, try session.run().dropFirst(setUp)) {
      #expect(answer.status == step.status, "\(step.command): \(answer.status) \(answer.lines)")
      #expect(answer.lines == step.lines, "\(step.command)")
    }
  }

  @Test(
    "units are some that systemd reads", .long,
    arguments: ["netpolc.service", "netpolc-watch.service", "netpolc-fetch.service", "netpolc-fetch.timer"])
  func syntax(name: String) throws {
    var session = try DocumentSession()
    session.add(
      "sed 's#/usr/bin/netpolc#/bin/true#; s#/usr/lib/netpolc/[a-z]*#/bin/true#' '\(Self.scripts)/\(name)' > \(name)"
    )
    session.add(
      "cp '\(Self.scripts)'/netpolc-fetch.service . ; sed -i 's#/usr/lib/netpolc/[a-z]*#/bin/true#' netpolc-fetch.service"
    )
    session.add("command -v systemd-analyze >/dev/null || exit 0; systemd-analyze verify --man=no ./\(name)")
    for answer in try session.run() { #expect(answer.status == 0, "\(answer.lines)") }
  }

  @Test("the table is loaded before the network and the kubelet")
  func order() throws {
    let unit = try String(contentsOfFile: Self.scripts + "/netpolc.service", encoding: .utf8).split(
      separator: "\n")
    #expect(unit.contains("Before=network-pre.target kubelet.service shutdown.target"))
    #expect(unit.contains("Wants=network-pre.target"))
    #expect(!unit.contains { $0.hasPrefix("ExecStop") }, "stopping must not open pods")
  }

  @Test("every variable of the units is in /etc/default/netpolc")
  func variables() throws {
    let settings = try String(contentsOfFile: Self.scripts + "/default", encoding: .utf8)
    var read: Set<String> = []
    for name in ["load", "fetch", "netpolc.service", "netpolc-watch.service"] {
      let text = try String(contentsOfFile: "\(Self.scripts)/\(name)", encoding: .utf8)
      read.formUnion(text.matches(of: #/\$\{(NETPOLC_[A-Z]+)/#).map { String($0.1) })
    }
    #expect(read.contains("NETPOLC_NODE"))
    // The state's place is for tests: postrm knows only one.
    for name in read.subtracting(["NETPOLC_STATE"]) { #expect(settings.contains("\n#\(name)="), "\(name)") }
  }
}
