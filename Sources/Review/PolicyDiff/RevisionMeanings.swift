import Connectivity
public import PolicyModel
public import Reachability

/// Two revisions of policies, worked out for all their pods over one store: once for their difference and for the page
/// about it.
public struct RevisionMeanings {
  /// The old revision, then the new one; pods without an address have placeholders, renamed workloads the same ones.
  public let sides: [Specification]
  /// The node whose pods are subject to policies; nil: all are.
  public let node: String?
  let placed: PlacedClusters

  /// Works out both revisions. About O(n log n) in the addresses of their peer sets.
  public init(_ old: Cluster, _ new: Cluster, node: String? = nil) {
    let together = PlacedClusters([old.addressed(like: new), new])
    self.placed = together
    let placed = together.clusters
    let store = DiagramStore()
    let renamed = Renames(placed[0], placed[1]).placing(placed[1], like: placed[0])
    sides = [placed[0], renamed].map { Specification($0, node: node, in: store) }
    self.node = node
  }
}
