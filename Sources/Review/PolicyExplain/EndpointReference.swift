public import Addresses
public import PolicyModel
import Reachability

/// An end of a connection as a person names it.
public enum EndpointReference: Sendable, Hashable {
  /// A pod: `namespace/pod`.
  case pod(namespace: String, name: String)
  /// A workload: `namespace/kind/name`, such as `shop/Deployment/web`.
  case workload(namespace: String, kind: String, name: String)
  /// A service, `service/redis` or `namespace/service/redis`; without a namespace that of objects that name none.
  case service(namespace: String?, name: String)
  /// An address, a pod's or not.
  case address(IPAddress)
  /// `app=web,tier!=db`, or `namespace/app=web`: the pods that a selector matches.
  case selector(namespace: String?, LabelSelector)

  /// Reads one of the four forms; nil where the text is none of them. A selector is what has a `=`, a list in brackets, a
  /// comma or a `!`: a word alone could be a name.
  public init?(_ text: String) {
    if let address = IPAddress(text) {
      self = .address(address)
      return
    }
    if let mark = text.firstIndex(where: { "=!(,".contains($0) }) {
      // A label's key may have a prefix with a slash: only the part before the first of two is a namespace.
      let head = text[..<mark]
      let slashes = head.filter { $0 == "/" }.count
      let isNamespaced = slashes == 2 || (slashes == 1 && !head.prefix { $0 != "/" }.contains("."))
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let selector = LabelSelector(words: isNamespaced ? parts[1] : text[...]) else { return nil }
      if isNamespaced, parts[0].isEmpty { return nil }
      self = .selector(namespace: isNamespaced ? String(parts[0]) : nil, selector)
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    switch parts.count {
    case 2 where Self.isService(parts[0]): self = .service(namespace: nil, name: parts[1])
    case 2: self = .pod(namespace: parts[0], name: parts[1])
    case 3 where Self.isService(parts[1]): self = .service(namespace: parts[0], name: parts[2])
    case 3: self = .workload(namespace: parts[0], kind: parts[1], name: parts[2])
    default: return nil
    }
  }

  private static func isService(_ kind: String) -> Bool {
    ["service", "services", "svc"].contains(kind.lowercased())
  }

  /// The pods of a cluster that are meant, as indices of `Cluster.pods`.
  func pods(in cluster: Cluster) -> [Int] {
    cluster.pods.indices.filter { index in
      let pod = cluster.pods[index]
      switch self {
      case .pod(let namespace, let name): return pod.namespace == namespace && pod.name == name
      case .workload(let namespace, let kind, let name):
        return pod.namespace == namespace && pod.name == name && pod.kind.lowercased() == kind.lowercased()
      case .service: return false
      case .address(let address): return pod.addresses.contains(address)
      case .selector(let namespace, let selector):
        return (namespace == nil || pod.namespace == namespace) && selector.matches(pod.labels)
      }
    }
  }
}
