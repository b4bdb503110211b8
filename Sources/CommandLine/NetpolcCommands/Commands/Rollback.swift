import ArgumentParser

#if os(Linux)
  import Enforcement
#endif

/// The command `netpolc rollback`.
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Undo at once what waits for its confirmation.",
    discussion: """
      Exit status: 0 the former ruleset, or none, is back; 1 it was already; 2 nothing waits for a confirmation, or \
      the rollback failed.
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
