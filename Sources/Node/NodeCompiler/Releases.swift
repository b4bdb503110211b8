public import Addresses
public import PolicyModel
public import Ruleset
import Wording

/// The addresses that the loaded table isolates and a new one would leave open, although they still are in use.
///
/// An address is released where no policy selects its pod any more, or where the inventory does not have it while the
/// node still has a direct route to it: the usual sign of an inventory that is not whole.
public struct Releases: Sendable {
  /// One address that is opened in one direction.
  public struct Release: Sendable, Hashable {
    /// The address of the pod.
    public let address: IPAddress
    /// The direction that is no longer isolated.
    public let direction: Direction
    /// The pod that has the address by the new inventory; nil: none has.
    public let pod: String?
  }

  /// The releases, ascending by address, ingress first.
  public let released: [Release]
  /// The number of pairs of an address and a direction that the loaded table isolates.
  public let isolated: Int

  /// Compares two tables.
  ///
  /// - Parameters:
  ///   - loaded: the table that the kernel holds.
  ///   - new: the table that is to be loaded.
  ///   - cluster: the policies and pods of the new table.
  ///   - node: the node whose pods the new table isolates; nil: every pod.
  ///   - isReachable: whether the node has a direct route to an address.
  public init(
    from loaded: Table, to new: Table, cluster: Cluster, node: String?, isReachable: (IPAddress) -> Bool
  ) {
    let (before, after) = (IsolatedAddresses(of: loaded), IsolatedAddresses(of: new))
    var owners: [IPAddress: Pod] = [:]
    for pod in cluster.pods { for address in pod.addresses { owners[address] = pod } }
    var found: [Release] = []
    for direction in [Direction.ingress, .egress] {
      for address in before[direction].subtracting(after[direction]) {
        let pod = owners[address]
        let isSubject = pod.map { pod in node.map(pod.isOn) ?? true } ?? false
        if isSubject || isReachable(address) {
          found.append(Release(address: address, direction: direction, pod: pod?.displayName))
        }
      }
    }
    released = found.sorted {
      ($0.address, $0.direction == .egress ? 1 : 0) < ($1.address, $1.direction == .egress ? 1 : 0)
    }
    isolated = before.count
  }

  /// The objection to loading the new table, with the first ten releases one a line; nil within the limit.
  public func objection(_ limit: ReleaseLimit) -> String? {
    guard !limit.allows(released.count, of: isolated) else { return nil }
    var lines = [
      "the change would release \(released.count) of \(isolated) isolated directions of addresses, "
        + "which is more than \(limit.words) (--max-released N or N% permits more):"
    ]
    for release in released.prefix(10) {
      let pod =
        release.pod.map { "\(ForeignText($0)): no policy selects it" } ?? "no pod of the inventory has it"
      lines.append("  \(release.address) \(release.direction.rawValue.lowercased()) (\(pod))")
    }
    if released.count > 10 { lines.append("  … and \(released.count - 10) more") }
    return lines.joined(separator: "\n")
  }
}
