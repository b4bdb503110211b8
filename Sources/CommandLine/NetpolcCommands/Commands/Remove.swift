import ArgumentParser

#if os(Linux)
  import Enforcement
#endif

/// The command `netpolc remove`.
struct Remove: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove netpolc's table from this network namespace.",
    discussion: """
      Afterwards no pod is isolated, and the record of the table is gone too. Other tables stay as they are.

      With --confirm-within, the table is emptied, which lets every packet pass, and is deleted by `netpolc confirm`; \
      without a confirmation the former ruleset comes back.

      Examples:
        netpolc remove
        netpolc remove --confirm-within 2m

      Exit status: 0 removed, or there was no table; 2 failure: what was loaded before is still there.
      """)

  @OptionGroup var confirmation: ConfirmationOption

  func run() throws {
    #if os(Linux)
      do throws(EnforcementFailure) {
        switch try Enforcer().remove(confirmWithin: confirmation.window, onWait: Waiting.tell) {
        case .nothingInstalled:
          StandardError.write("netpolc: nothing to remove: there is no table inet netpolc\n")
        case .removed: StandardError.write("netpolc: removed table inet netpolc: no pod is isolated now\n")
        case .emptied(let report): StandardError.write(ApplyReport(report).text)
        }
      } catch { try ApplyReport.tell(error) }
    #else
      throw ValidationError("remove needs Linux.")
    #endif
  }
}
