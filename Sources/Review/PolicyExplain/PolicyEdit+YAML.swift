import Addresses
import KubernetesManifests
import PolicyModel

extension [PolicyEdit] {
  /// The edited rules, policies, labels and ports as YAML to paste; nil where an edit has no place in the cluster.
  ///
  /// - Parameter cluster: the cluster with the edits.
  /// - Returns: the YAML; nil where an edited rule is not there.
  func yaml(in cluster: Cluster) -> String? {
    let parts = map { $0.yaml(in: cluster) }
    return parts.allSatisfy { $0 != nil } ? parts.compactMap { $0 }.joined(separator: "---\n") : nil
  }
}

extension PolicyEdit {
  fileprivate func yaml(in cluster: Cluster) -> String? {
    switch self {
    case .addPolicy(let policy): return Self.yaml(policy.policy)
    case .addRule(let id, let direction, let rule):
      return "# in spec of NetworkPolicy \(id)\n\(Self.key(direction)):\n"
        + Self.yaml(rule, direction).map { "\($0)\n" }.joined()
    case .addPeer(let place, _), .addPort(let place, _), .removeExcept(let place, _, _),
      .narrowExcept(let place, _, _, _):
      guard
        let rules = cluster.policies.first(where: { $0.id == place.policy })?.rules(place.direction),
        rules.indices.contains(place.rule)
      else { return nil }
      return "# spec.\(Self.key(place.direction))[\(place.rule)] of NetworkPolicy \(place.policy)\n"
        + Self.yaml(rules[place.rule], place.direction).map { "\($0)\n" }.joined()
    case .setPolicyTypes(let policy, let types):
      let list = Direction.allCases.filter(types.contains).map(\.rawValue).joined(separator: ", ")
      return "# in spec of NetworkPolicy \(policy.id)\npolicyTypes: [\(list)]\n"
    case .label(let pod, _, _):
      let pod = cluster.pods[pod]
      return "# in metadata of \(pod.endpointName), or of the pod template of its workload\n"
        + Self.yaml(pod.labels)
    case .labelNamespace(let name, _, _):
      return "# in metadata of Namespace \(name)\n" + Self.yaml(cluster.labels(ofNamespace: name))
    case .namePort(let pod, let port):
      return "# in the container of \(cluster.pods[pod].endpointName) that listens there\nports:\n"
        + "- {name: \(Self.quoted(port.name)), containerPort: \(port.number), protocol: \(port.transport.rawValue)}\n"
    }
  }

  /// All labels of an object, without the one that the API server sets.
  private static func yaml(_ labels: Labels) -> String {
    let kept = labels.pairs.filter { $0.key != Namespace.nameLabel }
    if kept.isEmpty { return "labels: {}\n" }
    return "labels:\n" + kept.map { "  \(quoted($0.key)): \(quoted($0.value))\n" }.joined()
  }

  private static func key(_ direction: Direction) -> String { direction == .ingress ? "ingress" : "egress" }

  private static func yaml(_ policy: Policy) -> String {
    var lines = [
      "apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy", "metadata:",
      "  name: \(quoted(policy.id.name))",
    ]
    if let namespace = policy.id.namespace { lines.append("  namespace: \(quoted(namespace))") }
    lines += ["spec:"] + selector("podSelector", policy.subjects.pods).map { "  \($0)" }
    lines.append("  policyTypes: [\(policy.directions.map(\.rawValue).joined(separator: ", "))]")
    for direction in policy.directions {
      lines.append("  \(key(direction)):")
      lines += (policy.rules(direction) ?? []).flatMap { yaml($0, direction) }.map { "  \($0)" }
    }
    return lines.map { "\($0)\n" }.joined()
  }

  /// A rule as an element of a list.
  private static func yaml(_ rule: PolicyRule, _ direction: Direction) -> [String] {
    var lines: [String] = []
    if case .anyOf(let peers) = rule.peers {
      lines.append(direction == .ingress ? "from:" : "to:")
      lines += peers.flatMap { element(yaml($0)) }
    }
    if case .anyOf(let ports) = rule.ports {
      lines.append("ports:")
      lines += ports.flatMap { element(yaml($0)) }
    }
    return lines.isEmpty ? ["- {}"] : element(lines)
  }

  private static func yaml(_ peer: Peer) -> [String] {
    switch peer.kind {
    case .ipBlock(let block):
      return ["ipBlock:", "  cidr: \(quoted("\(block.cidr)"))"]
        + (block.except.isEmpty
          ? [] : ["  except: [\(block.except.map { quoted("\($0)") }.joined(separator: ", "))]"])
    case .pods(.own, let pods): return selector("podSelector", pods)
    case .pods(.matching(let namespaces), let pods):
      return selector("namespaceSelector", namespaces)
        + (pods.isEverything ? [] : selector("podSelector", pods))
    }
  }

  private static func yaml(_ port: PolicyPort) -> [String] {
    switch port.ports {
    case .all: ["protocol: \(port.transport.rawValue)"]
    case .named(let name): ["port: \(quoted(name))", "protocol: \(port.transport.rawValue)"]
    case .range(let range):
      ["port: \(range.lower)"] + (range.isSingle ? [] : ["endPort: \(range.upper)"])
        + ["protocol: \(port.transport.rawValue)"]
    }
  }

  private static func selector(_ key: String, _ selector: LabelSelector) -> [String] {
    if selector.isEverything { return ["\(key): {}"] }
    return ["\(key):", "  matchExpressions:"]
      + selector.requirements.flatMap { requirement -> [String] in
        let word =
          switch requirement.relation {
          case .isIn: "In"
          case .notIn: "NotIn"
          case .exists: "Exists"
          case .doesNotExist: "DoesNotExist"
          }
        let values = requirement.values.map(quoted).joined(separator: ", ")
        return [
          "  - {key: \(quoted(requirement.key)), operator: \(word)\(requirement.values.isEmpty ? "" : ", values: [\(values)]")}"
        ]
      }
  }

  /// The lines of an object as an element of a list.
  private static func element(_ lines: [String]) -> [String] {
    lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
  }

  /// Text as YAML reads it as text: in quotes, of which names, labels and addresses have none.
  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
