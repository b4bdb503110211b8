#if os(Linux)
  import Addresses
  public import Diagnostics
  import LinuxNet
  package import NFTables
  public import PolicyModel
  import TableLayout
  import Wording

  /// Settings and tables of the calling thread's network namespace that decide about pods' packets besides netpolc.
  public struct Surroundings {
    /// The surroundings of the calling thread's network namespace.
    public init() {}

    /// Findings about other tables, kube-proxy's mode and bridges.
    ///
    /// - Parameters:
    ///   - cluster: the pods.
    ///   - node: the node that this is; nil: pods of all nodes are looked at.
    /// - Returns: warnings, in the order in which they were found.
    public func diagnostics(_ cluster: Cluster, node: String?) -> [Diagnostic] {
      ofNode() + bridges(cluster, node: node)
    }

    /// The same without what is about single pods.
    public func ofNode() -> [Diagnostic] { neighbours() + flowtables() + olderTables() + virtualServers() }

    /// Base chains of other tables that forwarded packets pass: what they drop is dropped, whatever netpolc says. Chains
    /// without rules that accept are left out.
    private func neighbours() -> [Diagnostic] {
      let chains: [BaseChain]
      do throws(SystemFailure) { chains = try BaseChain.all() } catch {
        return [
          Diagnostic(
            .note, id: "other-tables", at: nil,
            "the other tables of this namespace cannot be read (\(error)); packets that they drop are not considered"
          )
        ]
      }
      return chains.filter { chain in
        (chain.family, chain.table) != ("inet", TableLayout.tableName) && chain.seesForwarded
          && chain.type != "nat" && (chain.drops || !chain.isEmpty)
      }.map { chain in
        Diagnostic(
          chain.drops ? .warning : .note, id: "other-base-chain", at: nil,
          "forwarded packets also pass chain \(chain.name) of table \(chain.family) \(chain.table) "
            + "(hook \(chain.hook), priority \(chain.priority), policy \(chain.drops ? "drop" : "accept")); "
            + "netpolc does not know what it drops")
      }
    }

    /// A finding about flowtables, whose packets pass no chain of the forward hook: connections in them are beyond netpolc.
    private func flowtables() -> [Diagnostic] { Self.diagnostics((try? Flowtable.all()) ?? []) }

    /// The findings about flowtables.
    package static func diagnostics(_ flowtables: [Flowtable]) -> [Diagnostic] {
      flowtables.map { flowtable in
        Diagnostic(
          .warning, id: "flowtable", at: nil,
          "established connections that rules give to flowtable \(ForeignText(flowtable.name)) of table \(flowtable.family) "
            + "\(ForeignText(flowtable.table)) pass no chain of the forward hook: neither --established recheck nor "
            + "--source-check holds for them, and denials by a later policy do not end them before they leave the flowtable"
        )
      }
    }

    /// A finding about tables of the older iptables (xtables), which nf_tables does not list.
    private func olderTables() -> [Diagnostic] {
      [("iptables-legacy", "ip_tables_names"), ("ip6tables-legacy", "ip6_tables_names")].compactMap {
        (program, list) -> Diagnostic? in
        // The table nat translates and drops nothing.
        let names = Self.lines(of: "/proc/thread-self/net/\(list)").filter { $0 != "nat" }
        if names.isEmpty { return nil }
        return Diagnostic(
          .note, id: "other-base-chain", at: nil,
          "forwarded packets also pass the tables of \(program): \(names.sorted().joined(separator: ", ")); netpolc does not "
            + "know what they drop")
      }
    }

    /// The interface that kube-proxy in IPVS mode binds the addresses of Services to.
    private static let virtualInterface = "kube-ipvs0"

    /// A finding about kube-proxy in IPVS mode, by the kernel's list of virtual servers or by kube-proxy's interface.
    private func virtualServers() -> [Diagnostic] {
      let servers = Self.virtualServers(Self.lines(of: "/proc/thread-self/net/ip_vs"))
      let hasInterface = Interfaces.exists(Self.virtualInterface)
      guard servers > 0 || hasInterface else { return [] }
      let sign =
        servers > 0
        ? Counting.of(servers, "virtual server") : "there is an interface \(Self.virtualInterface)"
      return [
        Diagnostic(
          .warning, id: "ipvs", at: nil,
          "kube-proxy seems to run in IPVS mode (\(sign)): packets to a Service's address do not pass "
            + "the forward hook, so the policies of their sender do not hold for them")
      ]
    }

    /// The number of virtual servers in the lines of `/proc/net/ip_vs`.
    package static func virtualServers(_ lines: [Substring]) -> Int {
      lines.count { line in ["TCP ", "UDP ", "SCTP", "FWM "].contains { line.hasPrefix($0) } }
    }

    private static func lines(of path: String) -> [Substring] {
      guard let file = try? Descriptor(path: path, flags: 0), let text = try? file.stream(atMost: 1 << 20)
      else { return [] }
      return text.split(separator: "\n")
    }

    /// A finding about pods on a bridge whose traffic among themselves does not pass the forward hook.
    public func bridges(_ cluster: Cluster, node: String?) -> [Diagnostic] {
      guard let facts = try? BridgeFacts.read() else { return [] }
      for pod in cluster.pods where node.map(pod.isOn) ?? true {
        for address in pod.addresses {
          let port = try? Routes.interface(to: address)
          guard let bridge = facts.unfilteredBridge(of: address, routedTo: port) else { continue }
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
