import ArgumentParser

#if os(Linux)
  import Enforcement
#endif

/// The options of `compile` that concern the kernel.
struct ApplyOptions: ParsableArguments {
  @Flag(help: "Load the ruleset in this network namespace, in one transaction.")
  var apply = false

  @OptionGroup var confirmation: ConfirmationOption

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Read the table back after the commit, compare it with the compiled one, and roll back where it differs.",
      discussion: """
        By default after a replacement of the whole table and with --confirm-within; small differences are only \
        checked by the kernel's own counts.
        """))
  var readBack: Bool?

  @Flag(
    help:
      "With --apply: show what would change, which pods would be isolated and which open connections denied; change nothing."
  )
  var dryRun = false

  @OptionGroup var limits: ReleaseOptions

  func validate() throws {
    if limits.maxReleased != nil, !apply { throw ValidationError("--max-released needs --apply.") }
    if limits.allowEmpty, !apply { throw ValidationError("--allow-empty needs --apply.") }
    if dryRun, !apply { throw ValidationError("--dry-run needs --apply.") }
    if confirmation.confirmWithin != nil, !apply { throw ValidationError("--confirm-within needs --apply.") }
    if readBack != nil, !apply { throw ValidationError("--read-back needs --apply.") }
  }

  #if os(Linux)
    /// True where the table is read back.
    var readBackChoice: Enforcer.ReadBack { readBack.map { $0 ? .always : .never } ?? .whereAffordable }
  #endif
}
