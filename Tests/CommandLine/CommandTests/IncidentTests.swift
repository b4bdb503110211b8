import Foundation
import TestSupport
import Testing

/// A night's incident on a node with pods and real packets: whatever the inventory is that an operator applies, no packet
/// passes that the last good revision denied.
@Suite("a simulated incident, with packets throughout", .needsRoot, .bounded)
struct IncidentTests {
  /// A node with ten pods, 10.1.0.1 to 10.1.0.10, and a stranger that floods the first three with datagrams. `arrived`
  /// prints the number of them that came through.
  private static let lab = #"""
    export NETPOLC_STATE_DIRECTORY=$OUT/state; mkdir -m 700 $OUT/state
    mount -t tmpfs tmpfs $OUT/state; chmod 700 $OUT/state
    link="arp off address 02:00:00:00:00:01"
    ip link set lo up; sysctl -qw net.ipv4.ip_forward=1
    # A namespace of this test alone, by its process.
    peer() {
      unshare --net sleep 1000 & process=$!
      until [ "$(readlink /proc/$process/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
      ip link add $1 type veth peer name eth0 netns $process
      ip link set $1 $link; ip link set $1 up
      nsenter -t $process -n sh -ec "ip link set eth0 $link; ip link set eth0 up; ip link set lo up"
    }
    peer stranger; stranger=$process; ip route add 10.9.0.9/32 dev stranger
    nsenter -t $stranger -n sh -ec 'ip addr add 10.9.0.9/32 dev eth0; ip route add default dev eth0'
    peer pods; pods=$process; ip route add 10.1.0.0/24 dev pods
    nsenter -t $pods -n sh -ec 'ip route add default dev eth0; nft "table ip t { chain c { type filter hook prerouting priority 0; udp dport 7000 counter drop; }; }"'
    arrived() { nsenter -t $pods -n nft list chain ip t c | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p'; }
    nsenter -t $stranger -n bash -c 'while :; do for i in 1 2 3; do echo x > /dev/udp/10.1.0.$i/7000; done; done' 2> $OUT/flood & flood=$!
    trap 'kill $flood $stranger $pods 2>/dev/null; umount $OUT/state; rm -rf "$OUT"' EXIT
    until [ "$(arrived)" -gt 0 ]; do :; done

    # inventory NAMESPACE FIRST LAST: its pods.
    inventory() {
      printf 'apiVersion: v1\nkind: List\nitems:\n'
      printf -- '- {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDRs: [10.1.0.0/24]}}\n'
      for i in $(seq $2 $3); do
        printf -- '- {apiVersion: v1, kind: Pod, metadata: {name: p%s, namespace: %s, labels: {app: web}}, spec: {nodeName: n1}, status: {phase: Running, podIP: 10.1.0.%s}}\n' $i $1 $i
      done
    }
    printf 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: closed, namespace: shop}\nspec: {podSelector: {}}\n' > $OUT/policy.yaml
    { inventory shop 1 7; inventory other 8 10 | sed 1,4d; } > $OUT/today.yaml
    apply() { netpolc compile $OUT/policy.yaml --inventory $1 --node n1 --apply; }
    apply $OUT/today.yaml
    # What was on its way at the commit.
    sleep 0.2
    before=$(arrived)
    refused() { status=0; "$@" || status=$?; test $status = 2; }

    """#

  @Test(
    "whatever is applied, nothing passes that was denied", .long,
    arguments: [
      // kubectl without rights prints an empty list.
      "printf 'apiVersion: v1\\nkind: List\\nitems: []\\n' > $OUT/x.yaml; refused apply $OUT/x.yaml",
      // kubectl get pods without -A: another namespace only.
      "inventory other 8 10 > $OUT/x.yaml; refused apply $OUT/x.yaml",
      // A file that was written by half, cut at several places.
      """
      for n in $(seq 60 290 $(stat -c %s $OUT/today.yaml)); do
        head -c $n $OUT/today.yaml > $OUT/x.yaml
        # A cut that leaves whole objects, nearly all of them, is within the limit, but only of pods that are not among those.
        apply $OUT/x.yaml || test $? = 2
        apply $OUT/today.yaml
      done
      """,
      // A full disk under the state directory.
      """
      mount -o remount,size=64k $OUT/state; head -c 100000 /dev/zero > $OUT/state/full || true
      apply $OUT/today.yaml
      sed 's/p7/p77/' $OUT/today.yaml > $OUT/x.yaml; apply $OUT/x.yaml
      printf 'apiVersion: v1\\nkind: List\\nitems: []\\n' > $OUT/x.yaml; refused apply $OUT/x.yaml
      """,
      // Yesterday's inventory: the pods of then had other addresses.
      "{ inventory shop 101 107; inventory other 1 3 | sed 1,4d; } > $OUT/x.yaml; refused apply $OUT/x.yaml",
      // Policies are gone, or select nothing any more.
      "refused netpolc compile --inventory $OUT/today.yaml $OUT/today.yaml --node n1 --apply",
      "sed -i 's/{}/{matchLabels: {app: wbe}}/' $OUT/policy.yaml; refused apply $OUT/today.yaml",
      // A kill in the middle, again and again.
      """
      for i in 1 2 3 4 5 6 7 8 9; do
        sed "s/p7/p7$i/" $OUT/today.yaml > $OUT/x.yaml
        apply $OUT/x.yaml & process=$!; sleep 0.0$i; kill -KILL $process 2>/dev/null || true; wait $process || true
      done
      apply $OUT/today.yaml
      """,
    ])
  func incident(_ what: String) throws {
    let run = try CommandRun(
      "/usr/bin/unshare",
      [
        "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "/bin/bash", "-euc",
        (Self.path + Self.lab + what + """

          sleep 0.2
          after=$(arrived)
          netpolc status | head -1
          echo "arrived $((after - before))"
          # The flood is still there.
          nft delete table inet netpolc
          until [ "$(arrived)" -gt $after ]; do :; done
          """).withOutputFolder(),
      ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasSuffix("arrived 0\n"), "\(run.output) \(run.errors)")
    #expect(run.output.contains("table     inet netpolc, "), "\(run.output)")
  }

  private static let path =
    "PATH=\(URL(filePath: BuiltProgram.netpolc).deletingLastPathComponent().path(percentEncoded: false)):$PATH\n"
}
