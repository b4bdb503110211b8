public import Addresses
public import PolicyModel

/// An end of a connection as a person names it.
public enum EndpointReference: Sendable, Hashable {
  /// A pod: `namespace/pod`.
  case pod(namespace: String, name: String)
  /// A workload: `namespace/kind/name`, such as `shop/Deployment/web`.
  case workload(namespace: String, kind: String, name: String)
  /// A service, `service/redis` or `namespace/service/redis`; without a namespace that of objects that name none.
  case service(namespace: String?, name: String)
  /// A workload or pod by kind and name, as kubectl takes it: `deploy/web`. The namespace is the one of names without one.
  case ofKind(String, name: String, namespace: String)
  /// A pod or workload by its name alone, in the namespace of names without one.
  case named(String, namespace: String)
  /// An address, a pod's or not.
  case address(IPAddress)
  /// Every address of a block, pods' and others.
  case block(CIDR)
  /// `app=web,tier!=db`, or `namespace/app=web`: the pods that a selector matches.
  case selector(namespace: String?, LabelSelector)

  /// The forms, for messages.
  public static let forms =
    "NAMESPACE/POD, KIND/NAME or NAME (with -n), NAMESPACE/KIND/NAME, an IP address or a block, or a selector such as app=web"

  /// Reads one of the forms; nil where the text is none of them. A selector is what has a `=`, a list in brackets, a
  /// comma or a `!`.
  ///
  /// - Parameters:
  ///   - text: the words of a person.
  ///   - namespace: that of names without one.
  public init?(_ text: String, namespace: String = "default") {
    if let slash = text.lastIndex(of: "/"), IPAddress(String(text[..<slash])) != nil {
      guard let block = try? CIDR.parse(text).block else { return nil }
      self = .block(block)
      return
    }
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
    case 1:
      guard NameValidation.dnsSubdomain(parts[0]).isEmpty else { return nil }
      self = .named(parts[0], namespace: namespace)
    case 2 where Self.isService(parts[0]): self = .service(namespace: nil, name: parts[1])
    case 2:
      if let kind = KindNames.kind(named: parts[0]) {
        self = .ofKind(kind, name: parts[1], namespace: namespace)
      } else {
        self = .pod(namespace: parts[0], name: parts[1])
      }
    case 3 where Self.isService(parts[1]): self = .service(namespace: parts[0], name: parts[2])
    case 3: self = .workload(namespace: parts[0], kind: parts[1], name: parts[2])
    default: return nil
    }
  }

  private static func isService(_ kind: String) -> Bool {
    ["service", "services", "svc"].contains(kind.lowercased())
  }

  /// The pods of a cluster that are meant, as indices of `Cluster.pods`.
  public func pods(in cluster: Cluster) -> [Int] {
    func matching(_ isMeant: (Pod) -> Bool) -> [Int] {
      cluster.pods.indices.filter { isMeant(cluster.pods[$0]) }
    }
    switch self {
    case .pod(let namespace, let name):
      return matching { $0.isNamed(name, in: namespace) }
    case .workload(let namespace, let kind, let name):
      let kind = (KindNames.kind(named: kind) ?? kind).lowercased()
      return matching { $0.namespace == namespace && $0.name == name && $0.kind.lowercased() == kind }
    case .ofKind(let kind, let name, let namespace):
      let own = matching { $0.namespace == namespace && Self.isOf($0, kind, name) }
      if !own.isEmpty { return own }
      // A namespace may be called like a kind.
      let literal = matching { $0.namespace.lowercased() == kind.lowercased() && $0.name == name }
      if !literal.isEmpty { return literal }
      let anywhere = matching { Self.isOf($0, kind, name) }
      return Set(anywhere.map { cluster.pods[$0].namespace }).count == 1 ? anywhere : []
    case .named(let name, let namespace):
      return matching { $0.isNamed(name, in: namespace) }
    case .service: return []
    case .address(let address): return matching { $0.addresses.contains(address) }
    case .block(let block): return matching { $0.addresses.contains(where: block.contains) }
    case .selector(let namespace, let selector):
      return matching { pod in
        pod.readings.contains {
          (namespace == nil || $0.namespace == namespace) && selector.matches($0.labels)
        }
      }
    }
  }

  /// True where a pod is the object of a kind and name, or is controlled by it.
  private static func isOf(_ pod: Pod, _ kind: String, _ name: String) -> Bool {
    pod.kind == kind && pod.name == name || pod.owner?.kind == kind && pod.owner?.name == name
  }

  /// The addresses outside that are meant too, as blocks; those of pods are in them.
  public var blocks: [CIDR] {
    switch self {
    case .address(let address): [CIDR(address, prefixLength: address.family.bitWidth)]
    case .block(let block): [block]
    default: []
    }
  }
}

/// The kinds of workloads with the names that kubectl takes for them.
enum KindNames {
  private static let names: [String: [String]] = [
    "Pod": ["po", "pod", "pods"], "Deployment": ["deploy", "deployment", "deployments"],
    "StatefulSet": ["sts", "statefulset", "statefulsets"], "DaemonSet": ["ds", "daemonset", "daemonsets"],
    "ReplicaSet": ["rs", "replicaset", "replicasets"],
    "ReplicationController": ["rc", "replicationcontroller", "replicationcontrollers"],
    "Job": ["job", "jobs"], "CronJob": ["cj", "cronjob", "cronjobs"],
  ]

  /// The kind behind a name, in whatever case it is written; nil for other words.
  static func kind(named word: String) -> String? {
    let word = word.lowercased()
    return names.first { $0.value.contains(word) }?.key
  }
}
