import Foundation
import NodeCompiler
import TestSupport
import Testing

/// A table of another program with netpolc's name, and maps of netpolc's names with other types.
@Suite("every command answers a foreign table inet netpolc with a message", .needsRoot, .bounded)
struct ForeignTableTests {
  static let table = """
    nft -f - <<'END'
    table inet netpolc {
      map ingress4 { type ipv6_addr : verdict; elements = { fd00::1 : drop }; }
      map egress6 { type inet_service : verdict; elements = { 80 : drop }; }
      set self4 { type inet_proto; elements = { tcp }; }
      chain forward { type filter hook forward priority 0; ip6 daddr vmap @ingress4; }
    }
    END

    """

  @Test(
    "its status and its words",
    arguments: [
      ("compile \(KernelTests.sample) --apply --dry-run", 0, "map ingress4 has keys of type ipv6_addr"),
      ("compile \(KernelTests.sample) --check", 0, ""),
      ("compile \(KernelTests.sample) --apply", 0, "replaced as a whole"),
      ("compile \(KernelTests.sample) --apply --confirm-within 1m", 0, "replaced as a whole"),
      ("compile \(KernelTests.sample) --apply --established cut", 0, "replaced as a whole"),
      ("verify \(KernelTests.sample) --live", 1, "does not do what the policies say"),
      ("status", 1, "no record"), ("status --format json", 1, "no record"),
      ("confirm", 2, "no change waits"), ("rollback", 2, "no change waits"),
    ])
  func answers(command: String, status: Int, words: String) throws {
    let run = try CommandRun.inNamespace(
      Self.table
        + """
        status=0; netpolc \(command) || status=$?
        echo "status $status"
        netpolc rollback 2> /dev/null || true
        """)
    #expect(run.output.contains("status \(status)\n"), "\(run.output)\(run.errors)")
    #expect((run.output + run.errors).contains(words) || words.isEmpty, "\(run.output)\(run.errors)")
  }

  @Test("--apply names base chains of others that forwarded packets pass, where they have rules or drop")
  func neighbours() throws {
    let run = try CommandRun.inNamespace(
      """
      ip link add d0 type veth peer name d1; ip link set d0 up
      nft -f - <<'END'
      table ip other {
        chain strict { type filter hook forward priority 0; policy drop; }
        chain empty { type filter hook forward priority 1; }
        chain translation { type nat hook postrouting priority 100; masquerade; }
      }
      table netdev early {
        chain first { type filter hook ingress device d0 priority 0; drop; }
        chain last { type filter hook egress device d0 priority 0; drop; }
      }
      END
      netpolc compile \(KernelTests.sample) --apply
      """)
    #expect(run.status == 0, "\(run.errors)")
    let errors = run.errors
    #expect(
      errors.contains("chain strict of table ip other (hook forward, priority 0, policy drop)"), "\(errors)")
    #expect(
      errors.contains("chain first of table netdev early (hook ingress, priority 0, policy accept)"),
      "\(errors)")
    #expect(
      errors.contains("chain last of table netdev early (hook egress, priority 0, policy accept)"),
      "\(errors)")
    #expect(!errors.contains("chain empty") && !errors.contains("chain translation"), "\(errors)")
  }

  @Test(
    "kube-proxy in IPVS mode and a bridge that only a route leads to are told by each command that changes the table",
    arguments: [
      "compile \(KernelTests.sample) --apply", "compile \(KernelTests.sample) --apply --dry-run",
      "plan \(KernelTests.sample)", "apply $OUT/plan.json",
      "rollback --to 1 --inventory Fixtures/guide/inventory.yaml --unknown-pods allow --max-released 100%",
    ])
  func surroundings(command: String) throws {
    let run = try CommandRun.inNamespace(
      """
      export NETPOLC_STATE_DIRECTORY=$OUT/state; mkdir -m 700 $OUT/state
      case '\(command)' in
      rollback*) netpolc compile \(KernelTests.sample) --apply 2> /dev/null
        netpolc compile Fixtures/guide/06-deny-all-ingress Fixtures/guide/inventory.yaml --apply --max-released 100% 2> /dev/null ;;
      apply*) netpolc plan \(KernelTests.sample) -o $OUT/plan.json 2> /dev/null > $OUT/preview ;;
      esac
      ip link add kube-ipvs0 type veth peer name other
      ip link add br0 type bridge; ip link set br0 up; ip route add 10.244.1.0/24 dev br0
      if [ -e /proc/sys/net/bridge ]; then echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables; fi
      netpolc \(command) > $OUT/result
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains("kube-proxy seems to run in IPVS mode (there is an interface kube-ipvs0)"),
      "\(run.errors)")
    #expect(run.errors.contains("is on bridge br0 while bridge-nf-call-iptables is not 1"), "\(run.errors)")
  }

  @Test(
    "the tables of iptables-legacy are named, in which a rule may drop what netpolc lets pass",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/iptables-legacy")))
  func olderTables() throws {
    let run = try CommandRun.inNamespace(
      """
      netpolc compile \(KernelTests.sample) --apply 2> $OUT/before
      iptables-legacy -w -A FORWARD -s 10.244.0.0/16 -j DROP
      ip6tables-legacy -w -t mangle -P PREROUTING ACCEPT
      netpolc compile \(KernelTests.sample) --apply
      ! grep -q legacy $OUT/before
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains(
        "forwarded packets also pass the tables of iptables-legacy: filter; netpolc does not"),
      "\(run.errors)")
    #expect(
      run.errors.contains(
        "forwarded packets also pass the tables of ip6tables-legacy: mangle; netpolc does not"),
      "\(run.errors)")
  }

  @Test("virtual servers are counted in the text of /proc/net/ip_vs, where kube-proxy made some")
  func virtualServers() {
    func count(_ text: String) -> Int { Surroundings.virtualServers(text.split(separator: "\n")) }
    let head = """
      IP Virtual Server version 1.2.1 (size=4096)
      Prot LocalAddress:Port Scheduler Flags
        -> RemoteAddress:Port Forward Weight ActiveConn InActConn

      """
    #expect(count(head) == 0)
    #expect(
      count(
        head + """
          TCP  0A600001:01BB rr
            -> C0A80101:192B      Masq    1      3          0
          TCP  0A60000A:0035 rr
            -> 0AF40002:0035      Masq    1      0          0
          UDP  0A60000A:0035 rr
            -> 0AF40002:0035      Masq    1      0          0
          SCTP 0A60000B:0E00 rr
          TCP  [fd00:0000:0000:0000:0000:0000:0000:000a]:0035 rr
          FWM  00000001 wlc persistent 300 FFFFFFFF
          """) == 6)
  }
}
