#if os(Linux)
  import Addresses
  import ArgumentParser
  import Diagnostics
  import Enforcement
  import Lowering
  import NFTables
  import PolicyModel
  import Ruleset
  import RulesetText

  /// The table that this network namespace holds, and what else stands in the way of its packets.
  struct LiveTable {
    private let client = NFTablesClient()

    /// What keeps the modes that the table was made in, for messages.
    static let record = "the record of what is installed"

    /// The modes that the table was made in, by the record; nil where nothing is on record.
    func recordedModes() throws -> EnforcementModes? {
      do throws(EnforcementFailure) {
        switch try Enforcer().record() {
        case .success(let state): return state?.modes
        case .failure(let why):
          StandardError.write("netpolc: warning: the modes of the table are not known: \(why)\n")
          return nil
        }
      } catch { try ApplyReport.tell(error) }
    }

    /// What else stands in the way of the table's packets.
    func surroundings(_ cluster: Cluster, _ node: String?) -> [Diagnostic] {
      neighbours() + bridges(cluster, node)
    }

    /// The table as the kernel holds it. No table is an empty one: nothing is isolated.
    func read(for cluster: Cluster, node: String?) throws -> Table {
      do {
        guard let text = try client.list(.netpolc, options: .stateless) else {
          StandardError.write(
            "netpolc: there is no table inet \(Lowerer.tableName) in this network namespace\n")
          return Table(.inet, Lowerer.tableName)
        }
        let ruleset = try NFTReader.read(text)
        StandardError.report(surroundings(cluster, node))
        return ruleset.tables.first { $0.name == Lowerer.tableName } ?? Table(.inet, Lowerer.tableName)
      } catch let failure as NFTablesFailure {
        StandardError.write("netpolc: error: \(failure)\n")
        throw ExitCode(Status.trouble)
      } catch let failure as ReadFailure {
        StandardError.write("netpolc: error: the kernel's listing cannot be read: \(failure)\n")
        throw ExitCode(Status.trouble)
      }
    }

    /// Base chains of other tables that forwarded packets pass: what they drop is dropped, whatever netpolc says.
    private func neighbours() -> [Diagnostic] {
      guard let listing = try? client.listRuleset(options: [.stateless, .terse]),
        let ruleset = try? NFTReader.read(listing)
      else {
        return [
          Diagnostic(
            .note, id: "other-tables", at: nil,
            "the other tables of this namespace cannot be read; what they drop is not looked at")
        ]
      }
      return ruleset.tables.filter { $0.family != .inet || $0.name != Lowerer.tableName }.flatMap { table in
        table.chains.compactMap { chain -> Diagnostic? in
          guard let hook = chain.hook,
            ["forward", "prerouting", "postrouting", "ingress"].contains(hook.hook),
            hook.type != "nat"
          else { return nil }
          return Diagnostic(
            .note, id: "other-base-chain", at: nil,
            "forwarded packets also pass chain \(chain.name) of table \(table.family.rawValue) \(table.name) "
              + "(hook \(hook.hook), priority \(hook.priority), policy \(hook.policy.rawValue)); what it drops is not part of this proof"
          )
        }
      }
    }

    /// Pods on a bridge whose traffic among themselves never meets the forward hook.
    func bridges(_ cluster: Cluster, _ node: String?) -> [Diagnostic] {
      guard let facts = try? KernelFacts.read() else { return [] }
      for pod in cluster.pods where node == nil || pod.node == node {
        for address in pod.addresses {
          guard let bridge = facts.unfilteredBridge(of: address) else { continue }
          let name = address.family == .ipv4 ? "bridge-nf-call-iptables" : "bridge-nf-call-ip6tables"
          return [
            Diagnostic(
              .warning, id: "unfiltered-bridge", at: nil,
              "pod \(pod.displayName) (\(address)) is on bridge \(bridge) while \(name) is not 1: traffic between pods of "
                + "this bridge does not pass the forward hook and is not filtered (modprobe br_netfilter; sysctl net.bridge.\(name)=1)"
            )
          ]
        }
      }
      return []
    }
  }
#endif
