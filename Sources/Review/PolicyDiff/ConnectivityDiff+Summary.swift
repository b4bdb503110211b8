import Addresses
import Connectivity
import Wording

extension ConnectivityDiff {
  /// The line that stands first.
  public var summary: String {
    var words = summaryOfConnections
    if !ontoHostNetwork.isEmpty {
      let verb = Counting.agree(ontoHostNetwork.count, "comes", "come")
      words +=
        "; \(Counting.of(ontoHostNetwork.count, "pod")) \(verb) onto the host network, where no policy applies"
    }
    if !reviewChanges.isEmpty {
      words += "; settings of the review changed: \(Counting.of(reviewChanges.count, "finding"))"
    }
    if !leftOutPhrases.isEmpty {
      words += "; left out: \(leftOutPhrases.joined(separator: ", "))"
    }
    return words
  }

  private var summaryOfConnections: String {
    let unchanged =
      comparedPods == 0
      ? "no pod is in both revisions"
      : "\(comparedPods - changedPods) of \(Counting.of(comparedPods, "pod")) unchanged"
    if hasNoEffectToday, isSameForEveryPod {
      if hasUnreadChanges {
        return "no difference in what was read, and not everything was compared; \(unchanged)"
      }
      return policiesDiffer
        ? "equivalent: the policies differ in their text only; \(unchanged)"
        : "same: no policy differs; \(unchanged)"
    }
    let difference = policiesDiffer ? "the policies differ" : "labels of namespaces differ"
    if isWithoutPods { return "not compared: \(difference), and no pod is known; add an inventory" }
    let later =
      (futureChanges.isEmpty ? "" : "; pods to come: " + Self.counts(futureChanges))
      + (omissions.isEmpty ? "" : "; not everything was compared")
    if hasNoEffectToday {
      let today =
        comparedPods == 0
        ? "there is no pod today" : "no effect on today's \(Counting.of(comparedPods, "pod"))"
      if futureChanges.isEmpty, omissions.isEmpty, !unusedFamilies.isEmpty {
        let families = unusedFamilies.map { $0 == .ipv4 ? "IPv4" : "IPv6" }.joined(separator: " and ")
        return "\(today); \(difference), for addresses of \(families) perhaps too, of which no pod has one"
      }
      return futureChanges.isEmpty && omissions.isEmpty
        ? "\(today); \(difference), and pods added later may be treated differently" : today + later
    }
    return "\(Self.counts(changes)), \(unchanged)\(later)"
  }

  /// `1 widened, 0 narrowed`.
  private static func counts(_ changes: [ConnectionChange]) -> String {
    func count(_ kind: ConnectionChange.Kind) -> Int { changes.count { $0.kind == kind } }
    var words = ["\(count(.widened)) widened", "\(count(.narrowed)) narrowed"]
    if count(.changed) > 0 { words.insert("\(count(.changed)) changed both ways", at: 1) }
    return words.joined(separator: ", ")
  }
}
