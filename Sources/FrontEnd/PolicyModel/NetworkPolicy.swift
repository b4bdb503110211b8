public import Addresses

/// Which way traffic goes, seen from the pod that a policy selects (`networkingv1.PolicyType`).
public enum Direction: String, Sendable, Hashable, CaseIterable {
  /// To the pod.
  case ingress = "Ingress"
  /// From the pod.
  case egress = "Egress"
}

/// The transport protocols that a policy can name (`corev1.Protocol`).
public enum TransportProtocol: String, Sendable, Hashable, CaseIterable, Comparable {
  /// TCP, protocol number 6; what an absent `protocol` means.
  case tcp = "TCP"
  /// UDP, protocol number 17.
  case udp = "UDP"
  /// SCTP, protocol number 132.
  case sctp = "SCTP"

  /// The number in the IP header.
  public var number: UInt8 {
    switch self {
    case .tcp: 6
    case .udp: 17
    case .sctp: 132
    }
  }

  /// By number in the IP header.
  public static func < (left: TransportProtocol, right: TransportProtocol) -> Bool {
    left.number < right.number
  }
}

/// What a list in a rule stands for. An absent or empty list means *everything*; a list with entries means any
/// of them, which may well turn out to be nothing. The two must never be taken for each other, hence no
/// optional and no empty array.
public enum OneOf<Element: Sendable & Hashable>: Sendable, Hashable {
  /// The list was absent or empty: no restriction.
  case everything
  /// Any of these, at least one entry.
  case anyOf([Element])

  /// The API's reading of a list: empty is everything.
  public init(list: [Element]) { self = list.isEmpty ? .everything : .anyOf(list) }

  /// The entries; none for everything.
  public var entries: [Element] {
    switch self {
    case .everything: []
    case .anyOf(let entries): entries
    }
  }
}

/// A block of addresses without some smaller ones (`networkingv1.IPBlock`).
public struct IPBlock: Sendable, Hashable {
  /// The block.
  public let cidr: CIDR
  /// What is left out of this block, and of this block only: strict subsets of `cidr`.
  public let except: [CIDR]

  /// A block and what is left out of it.
  public init(_ cidr: CIDR, except: [CIDR] = []) {
    self.cidr = cidr
    self.except = except
  }
}

/// Which namespaces a peer's pods are in.
public enum NamespaceScope: Sendable, Hashable {
  /// `namespaceSelector` absent: the policy's own namespace.
  case own
  /// `namespaceSelector` present: the namespaces whose labels match; `{}` is all of them.
  case matching(LabelSelector)
}

/// Who may talk: one entry of `from` or `to` (`networkingv1.NetworkPolicyPeer`).
public struct Peer: Sendable, Hashable {
  /// What an entry can be.
  public enum Kind: Sendable, Hashable {
    /// `ipBlock`: addresses, a pod's or not.
    case ipBlock(IPBlock)
    /// `podSelector` and `namespaceSelector`: pods that match both. An absent `podSelector` is `{}` here.
    case pods(NamespaceScope, LabelSelector)
  }

  /// What this entry is.
  public let kind: Kind
  /// Where it was written.
  public let origin: Origin

  /// An entry.
  public init(_ kind: Kind, origin: Origin) {
    self.kind = kind
    self.origin = origin
  }
}

/// One entry of `ports` (`networkingv1.NetworkPolicyPort`).
public struct PolicyPort: Sendable, Hashable {
  /// Which ports of the protocol.
  public enum Ports: Sendable, Hashable {
    /// `port` absent: every port of the protocol.
    case all
    /// A number, or `port` to `endPort`, both included.
    case range(Interval<UInt16>)
    /// A name, resolved for each destination pod.
    case named(String)
  }

  /// The protocol.
  public let transport: TransportProtocol
  /// Which of its ports.
  public let ports: Ports
  /// Where it was written.
  public let origin: Origin
  /// Where `endPort` was written, if it was: a range of one port does not tell.
  public let endPort: Origin?

  /// An entry.
  public init(_ transport: TransportProtocol, _ ports: Ports, origin: Origin, endPort: Origin? = nil) {
    self.transport = transport
    self.ports = ports
    self.origin = origin
    self.endPort = endPort
  }
}

/// One entry of `ingress` or `egress`: traffic is allowed that matches a peer *and* a port.
public struct PolicyRule: Sendable, Hashable {
  /// `from` or `to`.
  public let peers: OneOf<Peer>
  /// `ports`.
  public let ports: OneOf<PolicyPort>
  /// Where it was written.
  public let origin: Origin

  /// A rule.
  public init(peers: OneOf<Peer>, ports: OneOf<PolicyPort>, origin: Origin) {
    self.peers = peers
    self.ports = ports
    self.origin = origin
  }
}

/// What traffic a group of pods may receive and send (`networkingv1.NetworkPolicy`), with defaults applied.
public struct NetworkPolicy: Sendable, Hashable {
  /// `namespace/name`, unique in a cluster.
  public struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The policy's namespace, which is also that of the pods it selects.
    public let namespace: String
    /// The policy's name.
    public let name: String

    /// A policy's name in its namespace.
    public init(namespace: String, name: String) {
      self.namespace = namespace
      self.name = name
    }

    /// `namespace/name`.
    public var description: String { "\(namespace)/\(name)" }

    /// By namespace, then by name.
    public static func < (left: ID, right: ID) -> Bool {
      (left.namespace, left.name) < (right.namespace, right.name)
    }
  }

  /// The policy's namespace and name.
  public let id: ID
  /// Which pods of the namespace; `{}` is all of them.
  public let podSelector: LabelSelector
  /// The directions in which the selected pods are isolated: `policyTypes`, with the API server's default.
  public let isolates: Set<Direction>
  /// The rules of `ingress`, even when `isolates` lacks the direction and they mean nothing.
  public let ingress: [PolicyRule]
  /// The rules of `egress`, likewise.
  public let egress: [PolicyRule]
  /// Annotations, for tools' own settings.
  public let annotations: Labels
  /// Where the object was written, by field of interest: always `""` for the object itself; `spec`,
  /// `spec.podSelector`, `spec.ingress`, `spec.egress`, `spec.policyTypes`, `metadata.name` where present.
  public let origins: [String: Origin]
  /// Where the object begins.
  public let origin: Origin

  /// A policy. `policyTypes` is the list as written; nil or empty means ingress, and egress too if it has rules
  /// (`SetDefaults_NetworkPolicy` of the API server).
  public init(
    id: ID, podSelector: LabelSelector, policyTypes: [Direction]?, ingress: [PolicyRule],
    egress: [PolicyRule],
    annotations: Labels = Labels(), origin: Origin, origins: [String: Origin] = [:]
  ) {
    self.id = id
    self.podSelector = podSelector
    if let policyTypes, !policyTypes.isEmpty {
      isolates = Set(policyTypes)
    } else {
      isolates = egress.isEmpty ? [.ingress] : [.ingress, .egress]
    }
    self.ingress = ingress
    self.egress = egress
    self.annotations = annotations
    self.origin = origin
    self.origins = origins
  }

  /// The rules of a direction that count: none unless the policy isolates in it.
  public func effectiveRules(_ direction: Direction) -> [PolicyRule] {
    guard isolates.contains(direction) else { return [] }
    return direction == .ingress ? ingress : egress
  }
}
