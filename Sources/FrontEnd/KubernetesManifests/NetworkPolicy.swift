public import PolicyModel

/// A NetworkPolicy as an object of the API (`networkingv1.NetworkPolicy`), with defaults applied: what was written.
/// `policy` is what it means.
public struct NetworkPolicy: Sendable, Hashable {
  /// The policy's namespace and name.
  public let id: PolicyID
  /// The selected pods of the namespace; `{}` is all of them.
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
  /// Where `from`, `to`, `ports` or `port` is written with nothing in it, which means everything.
  public let emptyFields: [Origin]
  /// Where the object begins.
  public let origin: Origin

  /// A policy. `policyTypes` is the list as written; nil or empty means ingress, and egress too if it has rules
  /// (`SetDefaults_NetworkPolicy` of the API server).
  public init(
    id: PolicyID, podSelector: LabelSelector, policyTypes: [Direction]?, ingress: [PolicyRule],
    egress: [PolicyRule],
    annotations: Labels = Labels(), origin: Origin, origins: [String: Origin] = [:],
    emptyFields: [Origin] = []
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
    self.emptyFields = emptyFields
  }

  /// The policy's namespace.
  public var namespace: String { id.namespace ?? "" }

  /// The rules of a direction that count: none unless the policy isolates in it.
  public func effectiveRules(_ direction: Direction) -> [PolicyRule] {
    guard isolates.contains(direction) else { return [] }
    return direction == .ingress ? ingress : egress
  }

  /// The policy that the object means.
  public var policy: Policy {
    let selector = origins["spec.podSelector"] ?? origin
    return Policy(
      id: id, subjects: PodSet(.own, podSelector), ingress: isolates.contains(.ingress) ? ingress : nil,
      egress: isolates.contains(.egress) ? egress : nil,
      subjectsOrigin: Origin(selector.location, field: "spec.podSelector"), origin: origin)
  }
}
