#if os(Linux)
  import Addresses
  public import Diagnostics
  import LinuxNet
  public import NFTables
  public import PolicyModel
  import Ruleset
  import RulesetText
  import TableLayout

  /// Settings and tables of the calling thread's network namespace that decide about pods' packets besides netpolc.
  public struct Surroundings {
    private let client: NFTablesClient

    /// The surroundings that a client sees.
    public init(client: NFTablesClient = NFTablesClient()) { self.client = client }

    /// Findings about other tables and about bridges.
    ///
    /// - Parameters:
    ///   - cluster: the pods.
    ///   - node: the node that this is; nil: pods of all nodes are looked at.
    /// - Returns: warnings, in the order in which they were found.
    public func diagnostics(_ cluster: Cluster, node: String?) -> [Diagnostic] {
      neighbours() + bridges(cluster, node: node)
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
      return ruleset.tables.filter { $0.family != .inet || $0.name != TableLayout.tableName }.flatMap {
        table in
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

    /// A finding about pods on a bridge whose traffic among themselves does not pass the forward hook.
    public func bridges(_ cluster: Cluster, node: String?) -> [Diagnostic] {
      guard let facts = try? BridgeFacts.read() else { return [] }
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
