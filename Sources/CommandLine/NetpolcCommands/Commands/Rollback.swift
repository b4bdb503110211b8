import ArgumentParser

#if os(Linux)
  import Enforcement
#endif

/// The command `netpolc rollback`.
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Roll back the unconfirmed change now.",
    discussion: """
      Exit status: 0 the former ruleset, or none, is restored; 1 it was restored already; 2 there is no unconfirmed \
      change, or the rollback failed.
      """)

  func run() throws {
    #if os(Linux)
      do throws(EnforcementFailure) {
        let undone = try Enforcer().rollback(onWait: Waiting.tell)
        StandardError.write("netpolc: rolled back: revision \(undone.revision) is undone\n")
      } catch { try ApplyReport.tell(error) }
    #else
      throw ValidationError("rollback needs Linux.")
    #endif
  }
}
