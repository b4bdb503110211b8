#if os(Linux)
  import TestSupport
  import Testing

  @Suite(
    "verify --ruleset --over-live judges what a file makes of the table that is there", .needsRoot, .bounded)
  struct OverLiveTests {
    private static let inputs = "Fixtures/guide/01-sample Fixtures/guide/inventory.yaml --node node-a"

    /// A file, and the exit status: 0 proven, 1 counterexample, 2 trouble, 3 undecided.
    private static let files: [(name: String, text: String, status: Int32)] = [
      ("a rule that counts", "add rule inet netpolc forward counter", 0),
      ("a rule before all others", "insert rule inet netpolc forward accept", 1),
      ("an element's chain", "add element inet netpolc ingress4 { 10.244.1.1 : drop }", 1),
      ("the table sleeps", "add table inet netpolc { flags dormant; }", 1),
      ("the table goes", "delete table inet netpolc", 1),
      ("a chain that is not there", "add rule inet netpolc nowhere accept", 2),
      ("everything goes", "flush ruleset", 3),
      ("a condition that is not modelled", "add rule inet netpolc forward meta mark 7 accept", 3),
      ("a host name", "insert rule inet netpolc forward ip saddr localhost accept", 3),
    ]

    /// Runs netpolc on files over the installed table; the statuses by the files' names.
    private func statuses(
      _ setup: String, _ files: [(name: String, text: String, status: Int32)], isRoot: Bool = true
    ) throws -> [String: Int32] {
      let script =
        """
        state=$(mktemp -d)
        trap 'rm -rf "$state"' EXIT
        export NETPOLC_STATE_DIRECTORY="$state"
        \(setup)
        nft -s list ruleset > "$state/before"
        """
        + files.map { file in
          """

          printf '%s\\n' '\(file.text)' > "$state/edit.nft"
          netpolc verify \(Self.inputs) --ruleset "$state/edit.nft" --over-live > "$state/said" 2>&1 && s=0 || s=$?
          echo "$s \(file.name)"
          sed 's/^/  /' "$state/said" >&2
          """
        }.joined()
          + """

          nft -s list ruleset | diff "$state/before" - && echo "0 unchanged"
          """
      let run = try isRoot ? CommandRun.inNamespace(script) : CommandRun.inUserNamespace(script)
      #expect(run.status == 0, "\(run.errors)")
      var result: [String: Int32] = [:]
      for line in run.output.split(separator: "\n") {
        let parts = line.split(separator: " ", maxSplits: 1)
        if parts.count == 2, let status = Int32(parts[0]) { result[String(parts[1])] = status }
      }
      #expect(result["unchanged"] == 0, "the table that is there is changed: \(run.output)")
      return result
    }

    @Test("edits of the installed table")
    func edits() throws {
      let found = try statuses("netpolc compile \(Self.inputs) --apply >&2", Self.files)
      for file in Self.files { #expect(found[file.name] == file.status, "\(file.name)") }
    }

    @Test("without root, in a user namespace", .needsUserNamespaces)
    func withoutRoot() throws {
      let found = try statuses("netpolc compile \(Self.inputs) --apply >&2", Self.files, isRoot: false)
      for file in Self.files { #expect(found[file.name] == file.status, "\(file.name)") }
    }

    @Test(
      "where no namespace is to be had: undecided; a file of its own is read strictly", .needsUserNamespaces)
    func withoutNamespaces() throws {
      let run = try CommandRun.inUserNamespace(
        """
        work=$(mktemp -d)
        export NETPOLC_STATE_DIRECTORY="$work"
        netpolc compile \(Self.inputs) --apply >&2
        netpolc compile \(Self.inputs) -o "$work/new.nft" >&2
        sed 's/dport 8080 /dport 017620 /' "$work/new.nft" > "$work/octal.nft"
        diff "$work/new.nft" "$work/octal.nft" >&2 && exit 1
        echo 'add rule inet netpolc forward counter' > "$work/edit.nft"
        echo 0 > /proc/sys/user/max_user_namespaces
        echo 0 > /proc/sys/user/max_net_namespaces
        for options in new.nft octal.nft 'edit.nft --over-live'; do
          netpolc verify \(Self.inputs) --ruleset "$work/"$options > "$work/said" 2>&1 && s=0 || s=$?
          grep -q 'no network namespace is to be had' "$work/said" && echo "$options $s"
          cat "$work/said" >&2
        done
        """)
      #expect(run.output == "new.nft 0\noctal.nft 3\nedit.nft --over-live 3\n", "\(run.output)\(run.errors)")
    }

    @Test("a file that is too large for a user namespace is read strictly", .needsUserNamespaces)
    func large() throws {
      let run = try CommandRun.inUserNamespace(
        """
        cd "$TMPDIR"
        ln -s ../Fixtures .
        netpolc compile \(Self.inputs) -o new.nft >&2
        awk '/^\\tset / && !done {
          printf "\\tset more {\\n\\t\\ttype ipv4_addr\\n\\t\\telements = { 1.0.0.0"
          for (i = 1; i < 30000; i++) printf ", 1.0.%d.%d", i / 256, i % 256
          print " }\\n\\t}\\n"; done = 1
        } { print }' new.nft > large.nft
        netpolc verify \(Self.inputs) --ruleset large.nft > said 2>&1 && s=0 || s=$?
        cat said >&2
        grep -q 'a transaction of this size needs root' said && echo "$s"
        """)
      #expect(run.output == "0\n", "\(run.output)\(run.errors)")
    }

    @Test("what is there already counts: sets without a name, and what a listing leaves out")
    func ground() throws {
      let counting = ("a rule that counts", "add rule inet netpolc forward counter", Int32(0))
      let rules = [
        "tcp dport { 1, 2, 5-9 } counter", "ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 81-90 } counter",
        "tcp dport vmap { 1 : continue, 2 : continue }", "limit rate 5/second log prefix x",
      ]
      let apply = "netpolc compile \(Self.inputs) --apply >&2\n"
      let harmless = rules.map { "nft 'insert rule inet netpolc forward \($0)'\n" }.joined()
      #expect(try statuses(apply + harmless, [counting])[counting.0] == 0)
      let hidden = "nft insert rule inet netpolc forward meta iiftype ether ip saddr 10.0.0.1 accept"
      #expect(try statuses(apply + hidden, [counting])[counting.0] == 3)
    }

    @Test("a whole ruleset replaces what is there, or nothing")
    func whole() throws {
      let run = try CommandRun.inNamespace(
        """
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        export NETPOLC_STATE_DIRECTORY="$work"
        netpolc compile \(Self.inputs) -o "$work/new.nft" >&2
        netpolc verify \(Self.inputs) --ruleset "$work/new.nft" --over-live >&2 && echo empty
        nft 'add table inet netpolc { chain open { type filter hook forward priority 0; policy drop; }; }'
        netpolc verify \(Self.inputs) --ruleset "$work/new.nft" --over-live >&2 && echo replaced
        sed -i '/^delete table/d' "$work/new.nft"
        rm "$work/new.map.json"
        netpolc verify \(Self.inputs) --ruleset "$work/new.nft" --over-live >&2 || echo "behind $?"
        """)
      #expect(run.output == "empty\nreplaced\nbehind 1\n", "\(run.output)\(run.errors)")
    }
  }
#endif
