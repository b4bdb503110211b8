import ArgumentParser

#if os(Linux)
  import Enforcement
#endif

/// The command `netpolc confirm`.
struct Confirm: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the ruleset that `compile --apply --confirm-within` installed.",
    discussion: """
      Examples:
        netpolc confirm

      Exit status: 0 confirmed; 1 too late, the former ruleset is restored; 2 there is no unconfirmed change, or its \
      table is gone.
      """)

  func run() throws {
    #if os(Linux)
      do throws(EnforcementFailure) {
        let pending = try Enforcer().confirm(onWait: Waiting.tell)
        StandardError.write("netpolc: confirmed: revision \(pending.revision) stays\n")
      } catch { try ApplyReport.tell(error) }
    #else
      throw ValidationError("confirm needs Linux.")
    #endif
  }
}
