#if os(Linux)
  import ArgumentParser
  import Diagnostics
  import Enforcement
  import KernelProgram
  import KernelReader
  import NFTables
  import NodeCompiler
  import PolicyModel
  import Ruleset
  import RulesetText
  import TableLayout
  import Verification

  /// The table `inet netpolc` of this network namespace.
  struct LiveTable {
    private let client = NFTablesClient()

    /// The source of the modes that the table was made in, for messages.
    static let record = "the record of what is installed"

    /// The record of what is installed; nil where there is none, or it says nothing.
    func recordedState() throws -> InstalledState? {
      do throws(EnforcementFailure) {
        switch try Enforcer().record() {
        case .success(let state): return state
        case .failure(let why):
          StandardError.write("netpolc: warning: the modes and the node of the table are not known: \(why)\n")
          return nil
        }
      } catch { try ApplyReport.tell(error) }
    }

    /// A copy of the table as the kernel executes it; nil where there is none.
    func copy() throws -> TableCopy? {
      do throws(KernelReader.Failure) { return try KernelReader.copy(.netpolc) } catch {
        throw unreadable(error)
      }
    }

    private func unreadable(_ failure: KernelReader.Failure) -> ExitCode {
      let why =
        if case .system(let failure) = failure { "\(EnforcementFailure.kernel(failure))" } else {
          "\(failure)"
        }
      StandardError.write("netpolc: error: the table in the kernel cannot be read: \(why)\n")
      return ExitCode(Status.trouble)
    }

    /// The table as the kernel executes it, its listing for people, and the chains of other programs that can drop packets. No
    /// table is an empty one: nothing is isolated.
    func read(for cluster: Cluster, node: String?) throws -> (
      program: KernelTable, listing: Table, others: [UndecidedReason]
    ) {
      let empty = Table(.inet, TableLayout.tableName)
      let program: KernelTable?
      do throws(KernelReader.Failure) { program = try KernelReader.read(.netpolc).table } catch {
        throw unreadable(error)
      }
      guard let program else {
        StandardError.write(
          "netpolc: there is no table inet \(TableLayout.tableName) in this network namespace\n")
        return (KernelTable(.inet, TableLayout.tableName), empty, [])
      }
      let findings = Surroundings().diagnostics(cluster, node: node)
      StandardError.report(findings)
      let others = findings.filter { $0.id == "other-base-chain" }.map {
        UndecidedReason(chain: nil, rule: nil, $0.message)
      }
      // Words for people only: what nft cannot list is shown without them.
      let text = try? client.list(.netpolc, options: .stateless)
      let tables = text.flatMap { try? NFTReader.read($0).tables } ?? []
      return (program, tables.first { $0.name == TableLayout.tableName } ?? empty, others)
    }
  }
#endif
