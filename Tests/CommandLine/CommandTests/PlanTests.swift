import TestSupport
import Testing

@Suite("netpolc plan and apply", .needsRoot, .bounded)
struct PlanTests {
  private func run(_ script: String) throws -> CommandRun {
    try CommandRun.inNamespace((ReleaseTests.inputs + script).withOutputFolder())
  }

  @Test(
    "a plan is applied as it was made, though its inputs have changed since; a second time there is nothing to do"
  )
  func applies() throws {
    let run = try run(
      """
      cp $OUT/pods-10.yaml $OUT/pods.yaml
      netpolc plan $OUT/policy.yaml --inventory $OUT/pods.yaml --audit -o $OUT/plan.json
      ! nft list table inet netpolc 2> /dev/null
      cp $OUT/empty.yaml $OUT/pods.yaml
      netpolc apply $OUT/plan.json --confirm-within 2m
      netpolc confirm
      nft list map inet netpolc ingress4 | grep -c '10\\.1\\.0\\.10' | grep -qx 1
      netpolc apply $OUT/plan.json
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("nothing to do"), "\(run.errors)")
    #expect(run.output.contains("pods newly isolated for ingress: 10"), "\(run.output)")
  }

  @Test(
    "a plan is refused where it was edited, where the loaded table is another, and where it opens too much",
    arguments: [
      ("sed -i 's/10.1.0.10/10.1.0.11/' $OUT/plan.json", "was edited"),
      ("sed -i 's/\"strict\":false/\"strict\":true/' $OUT/plan.json", "was edited"),
      ("printf ' ' >> $OUT/plan.json", "was edited"), (": > $OUT/plan.json", "not JSON"),
      ("netpolc compile $OUT/policy.yaml $OUT/pods-7.yaml --apply", "another table is loaded"),
      ("nft delete element inet netpolc ingress4 '{ 10.1.0.6 }'", "another table is loaded"),
      ("nft delete table inet netpolc", "another table is loaded"),
    ])
  func refused(change: String, words: String) throws {
    let run = try run(
      """
      netpolc compile $OUT/policy.yaml $OUT/pods-6.yaml --apply
      netpolc plan $OUT/policy.yaml $OUT/pods-10.yaml -o $OUT/plan.json
      \(change)
      nft list ruleset > $OUT/before
      status=0; netpolc apply $OUT/plan.json || status=$?
      test $status = 2
      nft list ruleset | cmp - $OUT/before
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains(words), "\(run.errors)")
  }

  @Test("a plan that opens too much says so, and is refused unless it was made with a limit that permits it")
  func releases() throws {
    let run = try run(
      """
      netpolc compile $OUT/policy.yaml $OUT/pods-10.yaml --apply
      netpolc plan $OUT/few.yaml $OUT/pods-10.yaml -o $OUT/plan.json
      status=0; netpolc apply $OUT/plan.json || status=$?
      test $status = 2
      netpolc plan $OUT/few.yaml $OUT/pods-10.yaml --max-released 4 -o $OUT/plan.json
      netpolc apply $OUT/plan.json
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("would be refused: the change would release 4 of 10"), "\(run.output)")
  }
}
