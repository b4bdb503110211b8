#if os(Linux)
  import Wording
  import Addresses
  import Enforcement
  import LinuxNet
  import NFTables
  import NodeCompiler
  import PolicyModel
  import Ruleset

  /// The output of `--apply --dry-run`.
  struct PreviewReport {
    let preview: Preview
    let cluster: Cluster
    let table: Table

    /// Lines for standard output.
    func text(_ flows: Result<ConnectionReview, SystemFailure>, _ mode: EstablishedMode) -> String {
      var lines = [change]
      if let pending = preview.pending {
        lines.append("would be refused: revision \(pending.revision) waits for its confirmation")
      }
      if let objection = preview.objection { lines.append("would be refused: \(objection)") }
      let former = preview.installed.map { IsolatedAddresses(of: $0) }
      if let foreign = former?.foreignMaps, !foreign.isEmpty {
        lines.append(
          "table inet netpolc was not made by this version of netpolc: \(foreign.joined(separator: ", "))")
      }
      let after = IsolatedAddresses(of: table)
      let delta = preview.delta
      lines += named("chains new", delta.addedChains.map(\.name))
      lines += named("chains gone", delta.removedChains)
      lines += named("chains changed", delta.changedChains.map(\.name))
      lines += named("sets new", delta.addedSets.map(\.name) + delta.addedMaps.map(\.name))
      lines += named("sets gone", delta.removedSets + delta.removedMaps)
      for change in delta.changedSets {
        lines.append("set \(change.set.name): \(change.added.count) added, \(change.removed.count) removed")
      }
      for change in delta.changedMaps {
        lines.append("map \(change.map.name): \(change.added.count) added, \(change.removed.count) removed")
      }
      for direction in Direction.allCases {
        let words = direction.rawValue.lowercased()
        let before = former?[direction] ?? []
        lines += named("pods newly isolated for \(words)", names(after[direction].subtracting(before)))
        lines += named("pods released for \(words)", names(before.subtracting(after[direction])))
      }
      lines += flowLines(flows, mode)
      return lines.map { "\(ForeignText($0).lines)\n" }.joined()
    }

    private var change: String {
      switch preview.change {
      case .nothing: "nothing would change"
      case .difference: "would change: \(preview.delta.summary)"
      case .repair(_, let reason): "would repair the table in place (\(reason)): \(preview.delta.summary)"
      case .whole(let reason):
        "would replace the whole table (\(reason)); compared with what the kernel holds: \(preview.delta.summary)"
      }
    }

    private func flowLines(_ flows: Result<ConnectionReview, SystemFailure>, _ mode: EstablishedMode)
      -> [String]
    {
      switch flows {
      case .failure(let failure): return ["established connections are not known: \(failure)"]
      case .success(let review):
        guard !review.denied.isEmpty else {
          return ["no open connection would be denied if opened now (\(review.count) checked)"]
        }
        let fate =
          switch mode {
          case .keep: "they continue (--established keep)"
          case .recheck: "their packets will be dropped"
          case .cut: "they will be cut"
          }
        return [
          "\(Counting.of(review.denied.count, "open connection")) (\(Counting.of(review.pods(of: cluster).count, "pod"))) would be denied if opened now; \(fate)"
        ]
          + review.denied.prefix(10).map { "  \($0)" } + (review.denied.count > 10 ? ["  …"] : [])
      }
    }

    private func named(_ title: String, _ names: [String]) -> [String] {
      if names.isEmpty { return [] }
      let shown = names.sorted().prefix(8).joined(separator: ", ")
      return ["\(title): \(names.count) (\(shown)\(names.count > 8 ? ", …" : ""))"]
    }

    private func names(_ addresses: Set<IPAddress>) -> [String] {
      var owners: [IPAddress: String] = [:]
      for pod in cluster.pods { for address in pod.addresses { owners[address] = pod.displayName } }
      return Array(Set(addresses.map { owners[$0] ?? $0.description }))
    }
  }
#endif
