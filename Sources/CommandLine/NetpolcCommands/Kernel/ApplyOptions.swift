import ArgumentParser

#if os(Linux)
  import Enforcement
#endif

/// The options of `compile` that concern the kernel.
struct ApplyOptions: ParsableArguments {
  @Flag(help: "Load the ruleset in this network namespace, in one transaction.")
  var apply = false

  @Option(
    help: ArgumentHelp(
      "Bring the former ruleset back after so many seconds unless `netpolc confirm` comes before.",
      valueName: "seconds"))
  var confirmWithin: Int?

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Read the table back after the commit, compare it with what was meant, and roll back where it differs.",
      discussion: """
        By default after a replacement of the whole table and with --confirm-within; small differences are only \
        checked by the kernel's own counts.
        """))
  var readBack: Bool?

  @Flag(
    help:
      "With --apply: tell what would change, which pods become isolated, which connections denied; change nothing."
  )
  var dryRun = false

  func validate() throws {
    if dryRun, !apply { throw ValidationError("--dry-run needs --apply.") }
    if let confirmWithin {
      guard apply else { throw ValidationError("--confirm-within needs --apply.") }
      guard (1...86_400).contains(confirmWithin) else {
        throw ValidationError("--confirm-within must be between 1 and 86400 seconds.")
      }
    }
    if readBack != nil, !apply { throw ValidationError("--read-back needs --apply.") }
  }

  #if os(Linux)
    /// The time that the change may stay without a confirmation.
    var window: Duration? { confirmWithin.map { .seconds($0) } }

    /// True where the table is read back.
    var readBackChoice: Enforcer.ReadBack { readBack.map { $0 ? .always : .never } ?? .whereAffordable }
  #endif
}
