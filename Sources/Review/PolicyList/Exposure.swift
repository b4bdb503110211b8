public import Addresses
public import PolicyModel
import PolicyTrace
import Wording

/// Traffic of pods with pods that may be added, as far as the policies of the former decide. Policies of the pods to come
/// may allow less.
public struct Exposure: Sendable, Hashable {
  /// Pods to come, as an entry of `from` or `to` means them; by a block, if such pods may have addresses of it.
  public enum Peer: Sendable, Hashable {
    /// Any pod of any namespace.
    case everyPod
    /// Pods with labels, of one namespace.
    case inNamespace(String, LabelSelector)
    /// Pods with labels, of the namespaces with labels.
    case inNamespaces(LabelSelector, LabelSelector)
    /// Addresses of a block, where pods have them.
    case atAddresses(IPBlock)

    /// `every pod of every namespace`, `pods app=web of namespace shop`.
    public var words: String {
      switch self {
      case .everyPod: "every pod of every namespace"
      case .inNamespace(let namespace, let pods):
        "\(pods.isEverything ? "every pod" : "pods \(pods)") of namespace \(namespace)"
      case .inNamespaces(let namespaces, let pods):
        (pods.isEverything ? "every pod" : "pods \(pods)")
          + (namespaces.isEverything ? " of every namespace" : " of namespaces \(namespaces)")
      case .atAddresses(let block):
        "addresses of pods in \(block.cidr)"
          + (block.except.isEmpty ? "" : " except \(Counting.first(4, of: block.except.map(\.description)))")
      }
    }
  }

  /// The pods of today, as an index of `ConnectionList.endpoints`.
  public let endpoint: Int
  /// Seen from those: what they may receive, or send.
  public let direction: Direction
  /// False where no policy selects the pods in this direction, so that all is open.
  public let isIsolated: Bool
  /// The pods to come that are at the other end.
  public let peer: Peer
  /// The number of pods of today that `peer` means.
  public let matchesToday: Int
  /// Protocols and ports that each such pod may use.
  public let traffic: TrafficSet
  /// Ports by name that are allowed too wherever the pod to come has them, such as `TCP "http"`; ascending.
  public let portNames: [String]
  /// True where rules that deny or pass may take something away from some of these pods.
  public let isAtMost: Bool

  func moved(to endpoint: Int) -> Exposure {
    Exposure(
      endpoint: endpoint, direction: direction, isIsolated: isIsolated, peer: peer,
      matchesToday: matchesToday,
      traffic: traffic, portNames: portNames, isAtMost: isAtMost)
  }

  /// The traffic in words: `TCP 80; TCP "http" where the pod has it`.
  public var trafficWords: String {
    let named = portNames.isEmpty ? [] : ["\(portNames.joined(separator: ", ")) where the pod has it"]
    let words = (traffic.isEmpty ? [] : [traffic.words]) + named
    return (isAtMost ? "at most " : "") + words.joined(separator: "; ")
  }

  static func inReportOrder(_ left: Exposure, _ right: Exposure) -> Bool {
    func key(_ one: Exposure) -> (Int, Int, String, String) {
      (one.endpoint, one.direction == .ingress ? 0 : 1, one.peer.words, one.trafficWords)
    }
    return key(left) < key(right)
  }
}
