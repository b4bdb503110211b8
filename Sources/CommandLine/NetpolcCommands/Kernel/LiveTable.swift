#if os(Linux)
  import ArgumentParser
  import Enforcement
  import NFTables
  import NodeCompiler
  import PolicyModel
  import Ruleset
  import RulesetText
  import TableLayout

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

    /// The table as the kernel holds it. No table is an empty one: nothing is isolated.
    func read(for cluster: Cluster, node: String?) throws -> Table {
      do {
        guard let text = try client.list(.netpolc, options: .stateless) else {
          StandardError.write(
            "netpolc: there is no table inet \(TableLayout.tableName) in this network namespace\n")
          return Table(.inet, TableLayout.tableName)
        }
        let ruleset = try NFTReader.read(text)
        StandardError.report(Surroundings().diagnostics(cluster, node: node))
        return ruleset.tables.first { $0.name == TableLayout.tableName }
          ?? Table(.inet, TableLayout.tableName)
      } catch let failure as NFTablesFailure {
        StandardError.write("netpolc: error: \(failure)\n")
        throw ExitCode(Status.trouble)
      } catch let failure as ReadFailure {
        StandardError.write("netpolc: error: the kernel's listing cannot be read: \(failure)\n")
        throw ExitCode(Status.trouble)
      }
    }
  }
#endif
