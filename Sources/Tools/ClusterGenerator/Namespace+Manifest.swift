import Addresses
import KubernetesManifests
import PolicyModel

extension Namespace {
  /// The object as the API server prints it.
  var manifest: ManifestValue {
    .object([
      ("apiVersion", .text("v1")), ("kind", .text("Namespace")),
      (
        "metadata",
        .object([
          ("creationTimestamp", .text("2026-01-01T00:00:00Z")),
          ("labels", .texts(labels.pairs.map { ($0.key, $0.value) })), ("name", .text(name)),
        ])
      ), ("spec", .object([("finalizers", .list([.text("kubernetes")]))])),
      ("status", .object([("phase", .text("Active"))])),
    ])
  }
}

extension Node {
  /// The object as the API server prints it.
  var manifest: ManifestValue {
    .object([
      ("apiVersion", .text("v1")), ("kind", .text("Node")),
      (
        "metadata",
        .object([("labels", .texts(labels.pairs.map { ($0.key, $0.value) })), ("name", .text(name))])
      ),
      (
        "spec",
        .object([
          ("podCIDR", .text(podCIDRs.first?.description ?? "")),
          ("podCIDRs", .list(podCIDRs.map { .text($0.description) })),
        ])
      ),
      (
        "status",
        .object([
          (
            "addresses",
            .list(
              addresses.map { .texts([("address", $0.description), ("type", "InternalIP")]) } + [
                .texts([("address", name), ("type", "Hostname")])
              ])
          ),
          ("allocatable", .texts([("cpu", "32"), ("memory", "131072Ki"), ("pods", "110")])),
        ])
      ),
    ])
  }
}

extension NetworkPolicy {
  /// The object as the API server prints it.
  var manifest: ManifestValue {
    var spec: [(String, ManifestValue)] = []
    if !egress.isEmpty { spec.append(("egress", .list(egress.map { $0.manifest("to") }))) }
    if !ingress.isEmpty { spec.append(("ingress", .list(ingress.map { $0.manifest("from") }))) }
    spec.append(("podSelector", podSelector.manifest))
    spec.append(
      ("policyTypes", .list(Direction.allCases.filter(isolates.contains).map { .text($0.rawValue) })))
    return .object([
      ("apiVersion", .text("networking.k8s.io/v1")), ("kind", .text("NetworkPolicy")),
      (
        "metadata",
        .object([
          ("creationTimestamp", .text("2026-01-01T00:00:00Z")), ("generation", .number(1)),
          ("name", .text(id.name)),
          ("namespace", .text(namespace)),
        ])
      ), ("spec", .object(spec)),
    ])
  }
}

extension PolicyRule {
  fileprivate func manifest(_ peersKey: String) -> ManifestValue {
    var members: [(String, ManifestValue)] = []
    if case .anyOf(let entries) = peers { members.append((peersKey, .list(entries.map(\.manifest)))) }
    if case .anyOf(let entries) = ports { members.append(("ports", .list(entries.map(\.manifest)))) }
    return .object(members)
  }
}

extension Peer {
  fileprivate var manifest: ManifestValue {
    switch kind {
    case .ipBlock(let block):
      var members: [(String, ManifestValue)] = [("cidr", .text(block.cidr.description))]
      if !block.except.isEmpty {
        members.append(("except", .list(block.except.map { .text($0.description) })))
      }
      return .object([("ipBlock", .object(members))])
    case .pods(.own, let selector): return .object([("podSelector", selector.manifest)])
    case .pods(.matching(let namespaces), let selector) where selector.isEverything:
      return .object([("namespaceSelector", namespaces.manifest)])
    case .pods(.matching(let namespaces), let selector):
      return .object([("namespaceSelector", namespaces.manifest), ("podSelector", selector.manifest)])
    }
  }
}

extension PolicyPort {
  fileprivate var manifest: ManifestValue {
    var members: [(String, ManifestValue)] = []
    switch ports {
    case .all: break
    case .named(let name): members.append(("port", .text(name)))
    case .range(let range):
      if !range.isSingle { members.append(("endPort", .number(Int(range.upper)))) }
      members.append(("port", .number(Int(range.lower))))
    }
    members.append(("protocol", .text(transport.rawValue)))
    return .object(members)
  }
}

extension LabelSelector {
  /// The selector as the API server prints it.
  var manifest: ManifestValue {
    let single = requirements.filter { $0.relation == .isIn && $0.values.count == 1 }
    let others = requirements.filter { !($0.relation == .isIn && $0.values.count == 1) }
    var members: [(String, ManifestValue)] = []
    if !others.isEmpty {
      members.append(
        (
          "matchExpressions",
          .list(
            others.map { requirement in
              var members: [(String, ManifestValue)] = [
                ("key", .text(requirement.key)), ("operator", .text(requirement.relation.rawValue)),
              ]
              if !requirement.values.isEmpty {
                members.append(("values", .list(requirement.values.map { .text($0) })))
              }
              return .object(members)
            })
        ))
    }
    if !single.isEmpty {
      members.append(("matchLabels", .texts(single.map { ($0.key, $0.values.first ?? "") })))
    }
    return .object(members)
  }
}
