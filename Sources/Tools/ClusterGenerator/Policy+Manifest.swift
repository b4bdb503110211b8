import Addresses
import PolicyModel

extension Policy {
  /// The ClusterNetworkPolicy as the API server prints it.
  var clusterPolicyManifest: ManifestValue {
    var spec: [(String, ManifestValue)] = []
    for (key, rules, peersKey) in [("egress", egress, "to"), ("ingress", ingress, "from")] {
      if let rules { spec.append((key, .list(rules.map { $0.clusterPolicyManifest(peersKey) }))) }
    }
    spec += [
      ("priority", .number(priority)), ("subject", subjects.clusterPolicyManifest),
      ("tier", .text(tier == .admin ? "Admin" : "Baseline")),
    ]
    return .object([
      ("apiVersion", .text("policy.networking.k8s.io/v1alpha2")), ("kind", .text("ClusterNetworkPolicy")),
      (
        "metadata",
        .object([
          ("creationTimestamp", .text("2026-01-01T00:00:00Z")), ("generation", .number(1)),
          ("name", .text(id.name)),
        ])
      ), ("spec", .object(spec)),
    ])
  }
}

extension PodSet {
  fileprivate var clusterPolicyManifest: ManifestValue {
    let namespaces: LabelSelector =
      switch self.namespaces {
      case .matching(let selector): selector
      // No field of these policies means the own namespace: they have none.
      case .own: LabelSelector()
      }
    if pods.isEverything { return .object([("namespaces", namespaces.manifest)]) }
    return .object([
      (
        "pods",
        .object([("namespaceSelector", namespaces.manifest), ("podSelector", pods.manifest)])
      )
    ])
  }
}

extension PolicyRule {
  fileprivate func clusterPolicyManifest(_ peersKey: String) -> ManifestValue {
    var members: [(String, ManifestValue)] = [("action", .text(action.clusterPolicyWord))]
    if let name { members.append(("name", .text(name))) }
    if case .anyOf(let entries) = ports {
      members.append(("protocols", .list(entries.map(\.clusterPolicyManifest))))
    }
    if case .anyOf(let entries) = peers {
      members.append((peersKey, .list(entries.map(\.clusterPolicyManifest))))
    }
    return .object(members)
  }
}

extension RuleAction {
  fileprivate var clusterPolicyWord: String {
    switch self {
    case .accept: "Accept"
    case .deny: "Deny"
    case .pass: "Pass"
    }
  }
}

extension Peer {
  fileprivate var clusterPolicyManifest: ManifestValue {
    switch kind {
    case .ipBlock(let block):
      .object([("networks", .list([.text(block.cidr.description)]))])
    case .pods(let namespaces, let selector):
      PodSet(namespaces, selector).clusterPolicyManifest
    }
  }
}

extension PolicyPort {
  fileprivate var clusterPolicyManifest: ManifestValue {
    let destination: ManifestValue
    switch ports {
    case .named(let name): return .object([("destinationNamedPort", .text(name))])
    case .all:
      destination = .object([("range", .object([("end", .number(65535)), ("start", .number(1))]))])
    case .range(let range) where range.isSingle:
      destination = .object([("number", .number(Int(range.lower)))])
    case .range(let range):
      destination = .object([
        ("range", .object([("end", .number(Int(range.upper))), ("start", .number(Int(range.lower)))]))
      ])
    }
    return .object([(transport.rawValue.lowercased(), .object([("destinationPort", destination)]))])
  }
}
