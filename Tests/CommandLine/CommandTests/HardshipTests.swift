import TestSupport
import Testing

/// The surroundings of a node at their worst: no `/proc`, full disks, strange files, a watchdog that is gone.
@Suite("netpolc where little works", .needsRoot, .bounded)
struct HardshipTests {
  private static let sample = KernelTests.sample

  private func run(_ script: String) throws -> CommandRun {
    try CommandRun.inNamespace(
      ("export NETPOLC_STATE_DIRECTORY=$OUT/state; mkdir -m 700 $OUT/state\nstatus() { \"$@\" && echo 0 || echo $?; }\n"
        + script).withOutputFolder())
  }

  @Test(
    "without /proc every command but --help ends with 2 and a message, and does nothing",
    arguments: [
      "compile \(sample)", "compile \(sample) --apply", "compile \(sample) --check", "verify \(sample)",
      "verify \(sample) --live", "diff Fixtures/guide/01-sample Fixtures/guide/03-two-peers",
      "list \(sample)", "explain default/hello-1 default/hello-2 80 \(sample)", "lint \(sample)",
      "assert Fixtures/guide/01-sample \(sample)", "plan \(sample)", "apply plan.json", "status", "confirm",
      "rollback", "rollback --to 1 --inventory Fixtures/guide/inventory.yaml", "remove",
    ])
  func withoutProc(command: String) throws {
    let run = try CommandRun.inNamespace(
      "exec unshare --mount --pid --fork sh -euc 'umount -l /proc; exec netpolc \(command)'")
    #expect(run.status == 2, "\(run.output)")
    #expect(run.output.isEmpty, "\(run.output)")
    #expect(
      run.errors == "netpolc: error: /proc is not mounted, which netpolc needs: mount -t proc proc /proc\n")
  }

  @Test("without /proc --help helps", arguments: ["--help", "compile --help", "help status"])
  func helpWithoutProc(command: String) throws {
    let script =
      "netpolc \(command) > $OUT/before; unshare --mount --pid --fork sh -euc '"
      + "umount -l /proc; netpolc \(command)' | cmp - $OUT/before"
    let run = try CommandRun.inNamespace(script.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test("a state file that is too large is refused, not read; the table is on record again after an apply")
  func hugeFiles() throws {
    let run = try run(
      """
      netpolc compile \(Self.sample) --apply
      for file in $OUT/state/state-*; do truncate -s 100G $file; done
      status netpolc status
      netpolc compile \(Self.sample) --apply
      netpolc status | head -1
      for file in $OUT/state/state-*; do truncate -s 100G $OUT/state/pending-${file#*/state-}; done
      chmod 600 $OUT/state/pending-*
      status netpolc confirm
      status netpolc rollback
      status netpolc compile Fixtures/guide/03-two-peers Fixtures/guide/inventory.yaml --apply --max-released 100%
      status netpolc status
      """)
    #expect(run.output.contains("cannot be compared: ") && run.output.contains("is larger than any file"))
    #expect(run.output.contains("\n1\ntable     inet netpolc, as installed\n2\n2\n2\n"), "\(run.output)")
    #expect(run.output.contains("pending   cannot be read: "), "\(run.output)")
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test(
    "what waits for a confirmation is not overlooked where its file is none",
    arguments: ["mkfifo -m 600", "mkdir -m 700", "ln -s /dev/zero", "echo nonsense >"])
  func strangeFiles(make: String) throws {
    let run = try run(
      """
      netpolc compile \(Self.sample) --apply
      for file in $OUT/state/state-*; do pending=$OUT/state/pending-${file#*/state/state-}; done
      umask 077; \(make) $pending
      status netpolc confirm
      status netpolc rollback
      status netpolc remove
      status netpolc status > $OUT/status; tail -1 $OUT/status; grep ^pending $OUT/status
      """)
    #expect(run.output.hasPrefix("2\n2\n2\n0\npending   cannot be read: "), "\(run.output)")
  }

  @Test(
    "a change whose time is over is undone by the next command, of any kind, where the watchdog is gone",
    .long,
    arguments: [
      "list \(sample)", "status", "confirm", "verify \(sample) --live", "compile \(sample) --apply --dry-run",
    ])
  func expired(command: String) throws {
    let run = try run(
      """
      netpolc compile \(Self.sample) --apply
      nft list map inet netpolc ingress4 > $OUT/before
      netpolc remove --confirm-within 1s
      for process in $(pgrep -f "watchdog $NETPOLC_STATE_DIRECTORY "); do kill -KILL $process; done
      sleep 1.2
      echo $(status netpolc \(command)) > $OUT/answer
      nft list map inet netpolc ingress4 | cmp - $OUT/before
      netpolc status | grep -c pending || true
      tail -c 2 $OUT/answer
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains(
        "warning: revision 2 was not confirmed in time and its watchdog was gone: the former ruleset is back"),
      "\(run.errors)")
    #expect(run.output == (command == "confirm" ? "0\n1\n" : "0\n0\n"), "\(run.output)")
  }

  @Test(
    "an output that is full is told, with status 2",
    arguments: [
      "compile \(sample)", "status", "status --format json",
      "diff Fixtures/guide/01-sample Fixtures/guide/03-two-peers",
      "list \(sample)", "lint \(sample)", "explain default/hello-1 default/hello-2 80 \(sample)", "--help",
      "compile \(sample) --apply --dry-run",
    ])
  func fullOutput(command: String) throws {
    let run = try run(
      "netpolc \(command) --inventory Fixtures/guide/inventory.yaml > /dev/full"
        .replacing("status --inventory Fixtures/guide/inventory.yaml", with: "status")
        .replacing("json --inventory Fixtures/guide/inventory.yaml", with: "json")
        .replacing("--help --inventory Fixtures/guide/inventory.yaml", with: "--help"))
    #expect(run.status == 2)
    #expect(
      run.errors.contains("netpolc: error: standard output: cannot write: No space left on device\n"),
      "\(run.errors)")
  }

  @Test("an output that is full after the commit: the ruleset is in force, and that is said")
  func fullAfterCommit() throws {
    let run = try run(
      """
      status netpolc compile \(Self.sample) --apply -o /dev/full
      netpolc status | head -1
      """)
    #expect(run.output == "2\ntable     inet netpolc, as installed\n")
    #expect(
      run.errors.contains(
        """
        netpolc: error: /dev/full: cannot write: No space left on device
        netpolc: the ruleset is applied and in force all the same
        """), "\(run.errors)")
  }

  @Test("a map that lies beside another ruleset is refused; without it, or named, the ruleset is judged")
  func otherMap() throws {
    let run = try run(
      """
      netpolc compile \(Self.sample) -o $OUT/a.nft
      echo '# edited' >> $OUT/a.nft
      status netpolc verify \(Self.sample) --ruleset $OUT/a.nft
      status netpolc verify \(Self.sample) --ruleset $OUT/a.nft --map $OUT/a.map.json
      rm $OUT/a.map.json
      status netpolc verify \(Self.sample) --ruleset $OUT/a.nft
      """)
    #expect(run.output == "2\n1\n0\n", "\(run.output) \(run.errors)")
    #expect(run.errors.contains("is of another ruleset than "), "\(run.errors)")
  }
}
