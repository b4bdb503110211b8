#if os(Linux)
  import TestSupport
  import Testing

  @Suite(
    "a foreign table of objects of other kinds under our names ends in a message", .needsRoot, .bounded)
  struct ForeignObjectTests {
    private static let inputs = "Fixtures/guide/01-sample Fixtures/guide/inventory.yaml --node node-a"

    /// Objects with the names of ours: keys of other types, a map of marks, a counter, another kind of chain.
    private static let table = """
      table inet netpolc {
        map ingress4 { type inet_service . ipv4_addr : verdict; }
        map egress4 { type ipv4_addr : mark; elements = { 10.244.1.5 : 7 }; }
        set ingress6 { type ifname; elements = { "eth0" }; }
        set egress6 { type ipv6_addr; flags dynamic, timeout; size 9; }
        counter self4 { packets 1 bytes 1 }
        set self6 { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 1-9 }; }
        chain new4 { type nat hook prerouting priority -100; dnat ip to 10.0.0.1; }
        chain forward { type route hook output priority 0; meta mark set ip daddr map @egress4; }
        chain forged { type filter hook forward priority 9; tcp dport { 1-9, 22 } ip saddr . tcp dport vmap { 10.0.0.1 . 9 : drop }; }
      }
      """

    /// Commands, and the words that their message has.
    private static let commands: [(command: String, status: Int32, words: String)] = [
      ("status", 1, "no record"),
      ("verify \(inputs) --live", 3, "undecided"),
      ("verify \(inputs) --ruleset new.nft --over-live", 0, "proven"),
      ("plan \(inputs)", 0, "nothing was applied"),
      ("compile \(inputs) --apply --dry-run", 0, "nothing was applied"),
      ("compile \(inputs) --check", 0, "1 of 9 pods isolated"),
      ("confirm", 2, "error"), ("rollback", 2, "error"), ("remove", 0, "removed"),
      ("compile \(inputs) --apply", 0, "replaced as a whole"),
    ]

    @Test("every command")
    func commands() throws {
      let run = try CommandRun.inNamespace(
        """
        state=$(mktemp -d)
        trap 'rm -rf "$state"' EXIT
        export NETPOLC_STATE_DIRECTORY="$state"
        netpolc compile \(Self.inputs) -o "$state/new.nft" 2>/dev/null
        foreign() { nft delete table inet netpolc 2>/dev/null || true; printf '%s\\n' '\(Self.table)' | nft -f - || exit 9; }
        """
          + Self.commands.map { row in
            """

            foreign
            echo "== \(row.command)"
            netpolc \(row.command.replacing("new.nft", with: "\"$state/new.nft\"")) 2>&1 && s=0 || s=$?
            echo "status $s"
            """
          }.joined()
            + """

            echo "== afterwards"
            netpolc verify \(Self.inputs) --live 2>&1 && s=0 || s=$?
            echo "status $s"
            """)
      #expect(run.status == 0, "\(run.errors)")
      let parts = run.output.split(separator: "== ")
      try #require(parts.count == Self.commands.count + 1, "\(run.output)\(run.errors)")
      for (row, said) in zip(Self.commands, parts) {
        #expect(said.contains("status \(row.status)\n"), "\(said)")
        #expect(said.contains(row.words), "\(said)")
        #expect(!said.contains("internal error") && !said.contains("Fatal"), "\(said)")
      }
      #expect(parts.last?.contains("status 0\n") == true, "\(parts.last ?? "")")
    }
  }
#endif
