#if os(Linux)
  import Addresses
  import ArgumentParser
  import Enforcement
  import LinuxNet
  import NodeCompiler
  import PolicyModel
  import Ruleset
  import TableLayout
  import Wording

  /// A return to the table of an earlier revision: `netpolc rollback --to`.
  struct RevisionReturn {
    let revision: UInt64
    let inventory: InventoryOptions
    let acceptsStale: Bool
    let guardsUnknownPods: Bool
    let limit: ReleaseLimit
    let window: Duration?

    func run() throws {
      Interruption.announce("nothing was applied; what was loaded before is still there")
      do throws(EnforcementFailure) {
        let namespace: NetworkNamespaceID
        do throws(SystemFailure) { namespace = try NetworkNamespaceID.current() } catch {
          throw .system(error)
        }
        let history = RevisionHistory(in: .standard, namespace)
        guard let entry = try history.entry(revision) else {
          let kept = history.revisions
          let words = kept.isEmpty ? "none is" : "\(kept.map(String.init).joined(separator: ", ")) are"
          throw .refused(reason: "revision \(revision) is not kept (\(words))")
        }
        let cluster = try today()
        try refuseStale(entry, cluster)
        StandardError.report(Surroundings().diagnostics(cluster, node: entry.state.scope?.node))
        let (table, modes) = guarded(entry, cluster)
        let report = try Enforcer().apply(
          request(entry.state, table, modes, entry.owners, cluster), onWait: Waiting.tell)
        StandardError.write("netpolc: returned to revision \(revision)\n\(ApplyReport(report).text)")
      } catch { try ApplyReport.tell(error) }
    }

    /// The pods of today's inventory.
    private func today() throws(EnforcementFailure) -> Cluster {
      if inventory.inventory.isEmpty { return Cluster(policies: [], namespaces: [:], pods: []) }
      do {
        let reading = try Reading(paths: [], options: inventory, subjects: .podsWithAddress)
        try reading.report()
        return reading.cluster
      } catch { throw .refused(reason: "the inventory cannot be read") }
    }

    /// Lists the addresses of the old table whose pod is another one today, or unknown.
    private func refuseStale(_ entry: RevisionHistory.Entry, _ cluster: Cluster) throws(EnforcementFailure) {
      var names: [String: String] = [:]
      for pod in cluster.pods { for address in pod.addresses { names["\(address)"] = pod.displayName } }
      let stale = entry.owners.filter { names[$0.key] != $0.value }.sorted { $0.key < $1.key }
      guard let count = stale.isEmpty ? nil : stale.count else { return }
      var lines = stale.prefix(10).map { address, former in
        let today = names[address].map { "\(ForeignText($0))'s" } ?? "no known pod's"
        return "  \(ForeignText(address)) was \(ForeignText(former))'s, and is \(today) today"
      }
      if count > 10 { lines.append("  … and \(count - 10) more") }
      let list = lines.joined(separator: "\n")
      if acceptsStale {
        StandardError.write(
          "netpolc: warning: \(Counting.of(count, "stale address")):\n\(list)\n")
        return
      }
      throw .refused(
        reason:
          "revision \(revision) has \(Counting.of(count, "stale address")) (--stale-addresses accepts them):\n\(list)"
      )
    }

    /// The old table, with the guard for addresses that the old inventory did not have.
    private func guarded(_ entry: RevisionHistory.Entry, _ cluster: Cluster) -> (Table, EnforcementModes) {
      var modes = entry.state.modes
      guard guardsUnknownPods, modes.unknownPodBlocks.isEmpty else { return (entry.state.table, modes) }
      let node = entry.state.scope?.node
      modes.unknownPodBlocks = cluster.nodes.filter { node == nil || $0.name == node }.flatMap(\.podCIDRs)
      if modes.unknownPodBlocks.isEmpty {
        StandardError.write(
          "netpolc: warning: the inventory has no pod blocks of \(node.map { "node \($0)" } ?? "any node"): pods that came after revision \(revision) are open\n"
        )
        return (entry.state.table, modes)
      }
      let known = entry.owners.keys.compactMap { IPAddress($0) }
      return (TableLayout(modes).guarding(entry.state.table, known: known), modes)
    }

    private func request(
      _ state: InstalledState, _ table: Table, _ modes: EnforcementModes, _ owners: [String: String],
      _ cluster: Cluster
    ) -> Enforcer.Request {
      var request = Enforcer.Request(
        table, inputs: state.inputs, classes: state.classes,
        modes: modes, readBack: .always, confirmWithin: window)
      request.scope = state.scope
      request.owners = { owners }
      let (node, limit) = (state.scope?.node, limit)
      request.approval = { loaded in
        guard let loaded else { return nil }
        return Releases(from: loaded, to: table, cluster: cluster, node: node) { address in
          // An address whose route is unknown counts as in use.
          (try? Routes.isDirect(to: address)) ?? true
        }.objection(limit)
      }
      return request
    }
  }
#endif
