import ArgumentParser
import PolicyModel
import Ruleset
import TableLayout

extension ModeOptions {
  /// The modes to hold a ruleset against: those that it was made in, where they are recorded, otherwise those
  /// of the options.
  ///
  /// - Parameters:
  ///   - cluster: where the node's blocks are looked up.
  ///   - node: whose pods are isolated; nil: all.
  ///   - recorded: the modes that are kept beside the ruleset; nil where nothing is.
  ///   - place: what keeps them, for messages.
  ///   - table: the ruleset, which shows whether it checks sources where nothing else does; nil: it is still to be made.
  /// - Returns: the modes.
  /// - Throws: that options contradict each other, or what is recorded.
  func modes(
    _ cluster: Cluster, node: String?, recorded: EnforcementModes?, in place: String,
    of table: Table?
  ) throws -> EnforcementModes {
    guard let recorded else {
      guard let table else { return try modes(cluster, node: node) }
      var modes = try plainModes(cluster, node: node)
      let found = TableLayout.sourceCheck(in: table)
      modes.sourceCheck = sourceCheck ?? found.check
      if modes.sourceCheck == .pods {
        modes.podInterfaces = podInterfaces.isEmpty ? found.podInterfaces : Set(podInterfaces).sorted()
      }
      return modes
    }
    for (option, isMet) in asked(recorded) where !isMet {
      let words = recorded.options.isEmpty ? "the plain mode" : recorded.words
      throw ValidationError("\(option) contradicts \(place), which says \(words).")
    }
    return recorded
  }

  /// The options that were given, and whether what is recorded is what they ask for.
  private func asked(_ recorded: EnforcementModes) -> [(option: String, isMet: Bool)] {
    var asked: [(String, Bool)] = []
    if let established {
      let isMet = (established == .recheck) == (recorded.established == .recheck)
      asked.append(("--established \(established.rawValue)", isMet))
    }
    if let unknownPods {
      let isMet = (unknownPods == .deny) != recorded.unknownPodBlocks.isEmpty
      asked.append(("--unknown-pods \(unknownPods.rawValue)", isMet))
    }
    if !podCIDRs.isEmpty { asked.append(("--pod-cidr", podCIDRs.sorted() == recorded.unknownPodBlocks)) }
    if audit { asked.append(("--audit", recorded.isAudit)) }
    if logDenied { asked.append(("--log-denied", recorded.log != nil)) }
    if let count { asked.append(("--count \(count.rawValue)", count == recorded.counts)) }
    if let podToNode {
      asked.append(("--pod-to-node \(podToNode.rawValue)", podToNode == recorded.podToNode))
    }
    if let sourceCheck {
      asked.append(("--source-check \(sourceCheck.rawValue)", sourceCheck == recorded.sourceCheck))
    }
    if !podInterfaces.isEmpty {
      asked.append(("--pod-interface", Set(podInterfaces).sorted() == recorded.podInterfaces))
    }
    return asked
  }
}
