import TestSupport
import Testing

@Suite("netpolc remove, and durations", .needsRoot, .bounded)
struct RemoveTests {
  @Test("the table and its record are gone; other tables stay; nothing to remove is no error")
  func removes() throws {
    let run = try CommandRun.inNamespace(
      """
      nft add table ip mine
      netpolc remove
      netpolc compile \(KernelTests.sample) --apply
      netpolc remove
      nft list ruleset
      status=0; netpolc status || status=$?
      test $status = 1
      netpolc compile \(KernelTests.sample) --apply
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.output.hasPrefix("table ip mine {\n}\ntable     inet netpolc, nothing is installed\n"),
      "\(run.output)")
    #expect(run.errors.contains("nothing to remove") && run.errors.contains("(nothing was installed here)"))
  }

  @Test(
    "a removal that is confirmed, rolled back, or not confirmed in time",
    arguments: ["confirm", "rollback", "sleep"])
  func confirmation(end: String) throws {
    let command = end == "sleep" ? "sleep 4" : "netpolc \(end)"
    let run = try CommandRun.inNamespace(
      """
      netpolc compile \(KernelTests.sample) --apply
      nft list map inet netpolc ingress4 > $OUT/before
      netpolc remove --confirm-within \(end == "sleep" ? "1s" : "2m")
      ! nft list map inet netpolc ingress4 2> /dev/null
      \(command)
      if [ \(end) = confirm ]; then nft list ruleset; else nft list map inet netpolc ingress4 | cmp - $OUT/before; fi
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.isEmpty, "\(run.output)")
  }

  @Test("what is no duration is refused", arguments: ["0", "-1", "1.5m", "2d", "25h", "s", ""])
  func durations(text: String) throws {
    let run = try CommandRun(BuiltProgram.netpolc, ["remove", "--confirm-within=\(text)"])
    #expect(run.status == 2, "\(run.errors)")
  }

  @Test("a new namespace knows nothing of an earlier one, and the status names what differs")
  func status() throws {
    let run = try CommandRun.inNamespace(
      """
      netpolc compile \(KernelTests.sample) --apply --audit
      netpolc status
      nft delete element inet netpolc ingress4 '{ 10.244.1.5 }'
      netpolc status || true
      unshare --net netpolc status || true
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("AUDIT: nothing is dropped; would be denied: 0 packets"), "\(run.output)")
    #expect(
      run.output.contains(
        """
        changed outside netpolc (map ingress4 has 1 element missing: 10.244.1.5)
        repair    netpolc compile POLICIES --inventory INVENTORY --audit --apply
        """), "\(run.output)")
    #expect(run.output.hasSuffix("table     inet netpolc, nothing is installed\n"), "\(run.output)")
  }
}
