#if os(Linux)
  import TestSupport
  import Testing

  extension CommandRun {
    /// Runs a shell script as a user without privileges, in a user and network namespace of its own, with `netpolc` on
    /// the path and `Fixtures/guide` below its directory. Needs root, which it gives up first.
    static func inUserNamespace(_ script: String) throws -> CommandRun {
      let folder = try TemporaryFolder()
      return try CommandRun(
        "/bin/sh",
        ["-euc", givingUpRoot, folder.path(""), BuiltProgram.netpolc, folder.write("script", script)])
    }

    /// Arguments: a folder, netpolc, a script. What other users cannot read where it is comes into the folder.
    private static let givingUpRoot = """
      netpolc=$1 script=$2
      mkdir "$0/Fixtures"
      cp -r Fixtures/guide "$0/Fixtures"
      cp "$netpolc" "$0/netpolc"
      chmod -R a+rX "$0"
      mkdir -m 1777 "$0/tmp"
      cd "$0"
      PATH="$0:$PATH" TMPDIR="$0/tmp" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \\
        unshare --user --map-root-user --net -- sh -eu "$script"
      """

    /// True where this process is root and users without privileges can make user namespaces.
    fileprivate static let canGiveUpRoot =
      TestEnvironment.isRoot
      && (try? CommandRun.named(
        "setpriv",
        ["--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "--user", "--net", "true"]
      ).status) == 0
  }

  extension Trait where Self == ConditionTrait {
    /// Tests that give up root and make a user namespace; skipped where a user without privileges cannot.
    static var needsUserNamespaces: Self {
      .enabled(if: CommandRun.canGiveUpRoot, "needs root to give up, and user namespaces for everybody")
    }
  }
#endif
