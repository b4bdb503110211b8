import Foundation
import TestSupport
import Testing

/// Applies of inputs that are not whole: what an operator's broken `kubectl` gives.
@Suite("an apply that would open pods is refused", .needsRoot, .bounded)
struct ReleaseTests {
  /// Writes `$OUT/all.yaml`: a policy that isolates the pods labelled app=web, and ten such pods; the file
  /// `$OUT/pods-N.yaml` has the first N of them, `$OUT/other.yaml` a policy that selects only the first N.
  static let inputs = """
    policy() {
      printf 'apiVersion: networking.k8s.io/v1\\nkind: NetworkPolicy\\nmetadata: {name: web, namespace: default}\\n'
      printf 'spec: {podSelector: {matchLabels: {%s}}, policyTypes: [Ingress]}\\n' "$1"
    }
    pods() {
      for i in $(seq 1 $1); do
        printf -- '---\\napiVersion: v1\\nkind: Pod\\nmetadata: {name: p%s, namespace: default, labels: {app: web' $i
        if [ $i -le $2 ]; then printf ', few: "yes"'; fi
        printf '}}\\nspec: {nodeName: a}\\nstatus: {phase: Running, podIP: 10.1.0.%s}\\n' $i
      done
    }
    policy 'app: web' > $OUT/policy.yaml; policy 'few: "yes"' > $OUT/few.yaml
    for n in 1 6 7 10; do pods $n 6 > $OUT/pods-$n.yaml; done
    printf 'apiVersion: v1\\nkind: List\\nitems: []\\n' > $OUT/empty.yaml
    bridge() { ip link add d0 type veth peer name d1; ip addr add 10.1.0.254/24 dev d0; ip link set d0 up; }

    """

  private func run(_ script: String) throws -> CommandRun {
    try CommandRun.inNamespace((Self.inputs + script).withOutputFolder())
  }

  @Test(
    "an empty list of pods or of policies; what was loaded stays",
    arguments: ["$OUT/policy.yaml $OUT/empty.yaml", "$OUT/pods-10.yaml", "$OUT/empty.yaml"])
  func empty(paths: String) throws {
    let run = try run(
      """
      bridge
      netpolc compile $OUT/policy.yaml $OUT/pods-10.yaml --apply
      nft list table inet netpolc > $OUT/before
      status=0; netpolc compile \(paths) --apply || status=$?
      test $status = 2
      nft list table inet netpolc | cmp - $OUT/before
      # All of it would be opened: that needs to be asked for as well.
      status=0; netpolc compile \(paths) --apply --allow-empty || status=$?
      test $status = 2
      nft list table inet netpolc | cmp - $OUT/before
      netpolc compile \(paths) --apply --allow-empty --max-released 100%
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("was read: this ruleset would leave every pod open"), "\(run.errors)")
    #expect(run.errors.contains("would release 10 of 10 isolated"), "\(run.errors)")
    #expect(run.errors.contains("nothing to prove: no pod") == paths.contains("empty"), "\(run.errors)")
  }

  @Test("pods that are missing while the node still has a direct route to them; gone pods are not counted")
  func missing() throws {
    let run = try run(
      """
      netpolc compile $OUT/policy.yaml $OUT/pods-10.yaml --apply
      bridge
      status=0; netpolc compile $OUT/policy.yaml $OUT/pods-6.yaml --apply || status=$?
      test $status = 2
      netpolc compile $OUT/policy.yaml $OUT/pods-6.yaml --apply --dry-run
      netpolc compile $OUT/policy.yaml $OUT/pods-7.yaml --apply
      netpolc compile $OUT/policy.yaml $OUT/pods-10.yaml --apply
      ip link set d0 down
      netpolc compile $OUT/policy.yaml $OUT/pods-6.yaml --apply
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("the change would release 4 of 10 isolated"), "\(run.errors)")
    #expect(run.errors.contains("  10.1.0.7 ingress (no pod of the inventory has it)\n"), "\(run.errors)")
    #expect(run.output.contains("would be refused: the change would release 4 of 10"), "\(run.output)")
  }

  @Test(
    "pods that no policy selects any more",
    arguments: [("", 2), ("--max-released 3", 2), ("--max-released 4", 0)])
  func unselected(option: String, status: Int) throws {
    let run = try run(
      """
      netpolc compile $OUT/policy.yaml $OUT/pods-10.yaml --apply
      status=0; netpolc compile $OUT/few.yaml $OUT/pods-10.yaml --apply \(option) || status=$?
      test $status = \(status)
      """)
    #expect(run.status == 0, "\(run.errors)")
    let says = run.errors.contains("  10.1.0.7 ingress (default/p7: no policy selects it)\n")
    #expect(says == (status == 2), "\(run.errors)")
  }

  @Test("a rollback and the record need no permission: they bring back what was there")
  func rollback() throws {
    let run = try run(
      """
      netpolc compile $OUT/few.yaml $OUT/pods-1.yaml --apply
      netpolc compile $OUT/policy.yaml $OUT/pods-10.yaml --apply --confirm-within 2m
      netpolc rollback
      nft list map inet netpolc ingress4 | grep -c '10\\.1\\.0\\.' | grep -qx 1
      """)
    #expect(run.status == 0, "\(run.errors)")
  }
}
