import Foundation
import TestSupport
import Testing

@Suite(
  "netpolc with the kernel",
  .needsRoot, .bounded)
struct KernelTests {
  static let sample = "Fixtures/guide/01-sample Fixtures/guide/inventory.yaml"

  @Test("applying twice changes nothing, and foreign tables stay as they are")
  func twice() throws {
    let run = try CommandRun.inNamespace(
      """
      nft -f - <<'END'
      table ip mine {
        set blocks { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 172.16.0.0-172.16.0.9 }; }
        chain c { type filter hook input priority 0; ip saddr @blocks counter accept; }
      }
      table ip6 six {
        set hosts { type ipv6_addr; elements = { fd00::1 }; }
      }
      table inet both {
        map m { type ipv4_addr . inet_service : verdict; elements = { 10.0.0.1 . 80 : drop }; }
      }
      END
      nft -a list table ip mine > $OUT/foreign.1; nft -a list table ip6 six >> $OUT/foreign.1; nft -a list table inet both >> $OUT/foreign.1
      netpolc compile \(Self.sample) --apply
      nft list table inet netpolc > $OUT/own.1
      netpolc compile \(Self.sample) --apply
      nft list table inet netpolc > $OUT/own.2
      nft -a list table ip mine > $OUT/foreign.2; nft -a list table ip6 six >> $OUT/foreign.2; nft -a list table inet both >> $OUT/foreign.2
      cmp $OUT/own.1 $OUT/own.2
      cmp $OUT/foreign.1 $OUT/foreign.2
      grep -q 'chain in4-default/my-network-policy' $OUT/own.2
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.isEmpty, "with --apply the ruleset is printed only with -o")
  }

  @Test("text and JSON give the same kernel state, and what nft loads is what --apply loads")
  func formats() throws {
    let run = try CommandRun.inNamespace(
      """
      netpolc compile \(Self.sample) > $OUT/x.nft; nft -f $OUT/x.nft; nft list ruleset > $OUT/text
      netpolc compile \(Self.sample) --format json > $OUT/x.json; nft -j -f $OUT/x.json; nft list ruleset > $OUT/json
      nft delete table inet netpolc
      netpolc compile \(Self.sample) --apply; nft list ruleset > $OUT/applied
      cmp $OUT/text $OUT/json
      # But for the empty chain that marks the revision.
      sed -i '/chain netpolc-revision-/,/}/d' $OUT/applied
      diff -B $OUT/text $OUT/applied
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test(
    "a file that cannot be written is found out before anything is applied",
    arguments: [
      "--report $OUT/none/page.html", "--report $OUT/folder", "-o $OUT/none/x.nft", "-o $OUT/folder",
    ])
  func unwritable(option: String) throws {
    let run = try CommandRun.inNamespace(
      """
      mkdir $OUT/folder
      status=0; netpolc compile \(Self.sample) --apply \(option) || status=$?
      nft list ruleset
      test $status = 2
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.isEmpty, "nothing was applied")
    #expect(run.errors.contains("netpolc: error: ") && run.errors.contains("cannot "), "\(run.errors)")
    #expect(!run.errors.contains("applied: revision"))
  }

  @Test("a report of what the kernel refuses is not written")
  func refusedReport() throws {
    let run = try CommandRun.inNamespace(
      """
      ! setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
        netpolc compile \(Self.sample) --apply --report $OUT/page.html -o $OUT/x.nft
      ls -A $OUT
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test("--check changes nothing")
  func check() throws {
    let run = try CommandRun.inNamespace(
      "netpolc compile \(Self.sample) --check > /dev/null; nft list ruleset")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.isEmpty)
    #expect(
      run.errors.contains("netpolc: check passed: the kernel accepts the ruleset (nothing was loaded)\n"))
  }

  @Test("without CAP_NET_ADMIN the message says so, and the status is 2")
  func permission() throws {
    let run = try CommandRun.inNamespace(
      "setpriv --bounding-set=-net_admin --inh-caps=-net_admin netpolc compile \(Self.sample) --apply")
    #expect(run.status == 2)
    #expect(run.errors.contains("CAP_NET_ADMIN is missing in this network namespace"))
  }

  @Test("verify proves what is live, and tells when it is not what the policies say")
  func live() throws {
    let proven = try CommandRun.inNamespace(
      "netpolc compile \(Self.sample) --apply; netpolc verify \(Self.sample) --live")
    #expect(proven.status == 0, "\(proven.errors)")
    let missing = try CommandRun.inNamespace("netpolc verify \(Self.sample) --live")
    #expect(missing.status == 1)
    #expect(missing.errors.contains("there is no table inet netpolc in this network namespace"))
    let edited = try CommandRun.inNamespace(
      """
      netpolc compile \(Self.sample) --apply
      nft insert rule inet netpolc in4-default/my-network-policy tcp dport 22 return
      netpolc verify \(Self.sample) --live
      """)
    #expect(edited.status == 1)
    #expect(edited.output.contains("TCP port 22"))
    #expect(edited.output.contains("in4-default/my-network-policy rule 1: tcp dport 22 return"))
    let strange = try CommandRun.inNamespace(
      """
      netpolc compile \(Self.sample) --apply
      nft insert rule inet netpolc forward meta mark 7 accept
      netpolc verify \(Self.sample) --live
      """)
    #expect(strange.status == 3, "\(strange.errors)")
    #expect(strange.errors.contains("netpolc: undecided: "))
  }

  @Test("base chains of others are told")
  func neighbours() throws {
    let run = try CommandRun.inNamespace(
      """
      nft 'table ip guard { chain f { type filter hook forward priority -10; policy drop; }; }'
      netpolc compile \(Self.sample) --apply
      netpolc verify \(Self.sample) --live
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("chain f of table ip guard (hook forward, priority -10, policy drop)"))
  }

  @Test("pods on a bridge that bypasses the forward hook are warned of")
  func bridge() throws {
    let run = try CommandRun.inNamespace(
      """
      ip link add br0 type bridge
      ip address add 10.244.1.1/24 dev br0
      if [ -e /proc/sys/net/bridge ]; then echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables; fi
      netpolc compile \(Self.sample) --check > /dev/null
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("is on bridge br0 while bridge-nf-call-iptables is not 1"))
  }
}

extension String {
  /// The script with `$OUT`, a folder that goes with it.
  func withOutputFolder() -> String { "OUT=$(mktemp -d); trap 'rm -rf \"$OUT\"' EXIT\n" + self }
}
