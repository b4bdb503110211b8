public import Diagnostics

/// Warnings about parts of a cluster's policies that have no effect.
extension Cluster {
  /// Policies that select no pod, and port names that no pod they could mean has.
  ///
  /// - Complexity: O(p + q · g), with p pods, q policies and g different label sets in a policy's namespace.
  public func effectWarnings() -> [Diagnostic] {
    let groups = podsByLabels()
    var everyPort: Set<PortName> = []
    var previous: [NamedPort] = []
    // Neighbours are mostly of one workload.
    for position in pods.indices where pods[position].namedPorts != previous {
      previous = pods[position].namedPorts
      everyPort.formUnion(previous.map(PortName.init))
    }
    var diagnostics: [Diagnostic] = []
    let namespaces = groups.keys.sorted()
    for policy in policies {
      let subjects = policy.subjects
      // The groups of each namespace: those of all namespaces together are too many to be copied for each policy.
      let candidates: [[Group]]
      let place: String
      switch subjects.namespaces {
      case .own:
        let name = policy.id.namespace ?? ""
        (candidates, place) = ([groups[name] ?? []], "namespace \"\(name)\"")
      case .matching(let selector):
        candidates = namespaces.filter { selector.matches(labels(ofNamespace: $0)) }.compactMap { groups[$0] }
        place = selector.isEverything ? "any namespace" : "namespaces \(selector)"
      }
      if !candidates.joined().contains(where: { subjects.pods.matches($0.labels) }) {
        diagnostics.append(
          Diagnostic(
            .warning, id: "selects-no-pod", at: policy.subjectsOrigin.location,
            field: policy.subjectsOrigin.field, "\(subjects.pods) selects no pod of \(place)"))
        continue
      }
      if let rules = policy.ingress, rules.contains(where: \.usesNames) {
        let selected = candidates.joined().filter { subjects.pods.matches($0.labels) }
        let ports = Set(selected.flatMap(\.ports))
        diagnostics += unknownPorts(in: rules, ports, "no pod that the policy selects has a port")
      }
      if let rules = policy.egress {
        diagnostics += unknownPorts(in: rules, everyPort, "no pod has a port")
      }
    }
    return diagnostics
  }

  /// Pods of a namespace that selectors cannot distinguish.
  private struct Group {
    let labels: Labels
    var ports: Set<PortName>
  }

  private func podsByLabels() -> [String: [Group]] {
    struct Key: Hashable {
      let namespace: String
      let labels: Labels
    }
    var places: [Key: Int] = [:]
    var groups: [String: [Group]] = [:]
    var place = 0
    for position in pods.indices {
      if position > 0, pods[position - 1].labels == pods[position].labels,
        pods[position - 1].namespace == pods[position].namespace
      {
        if pods[position - 1].namedPorts == pods[position].namedPorts { continue }
      } else {
        let pod = pods[position]
        let key = Key(namespace: pod.namespace, labels: pod.labels)
        place = places[key] ?? groups[pod.namespace]?.count ?? 0
        if places.updateValue(place, forKey: key) == nil {
          groups[pod.namespace, default: []].append(Group(labels: pod.labels, ports: []))
        }
      }
      let pod = pods[position]
      groups[pod.namespace]?[place].ports.formUnion(pod.namedPorts.map(PortName.init))
    }
    return groups
  }

  private struct PortName: Hashable {
    let name: String
    let transport: TransportProtocol

    init(_ port: NamedPort) {
      name = port.name
      transport = port.transport
    }

    init(_ name: String, _ transport: TransportProtocol) {
      self.name = name
      self.transport = transport
    }
  }

  private func unknownPorts(in rules: [PolicyRule], _ known: Set<PortName>, _ words: String) -> [Diagnostic] {
    rules.flatMap(\.ports.entries).compactMap { port in
      guard let name = port.ports.name, !known.contains(PortName(name, port.transport)) else {
        return nil
      }
      if port.isOfEveryProtocol {
        // Written once for all protocols: reported once, and only where none has it.
        guard port.transport == .tcp,
          !TransportProtocol.allCases.contains(where: {
            known.contains(PortName(name, $0))
          })
        else { return nil }
        return Diagnostic(
          .warning, id: "unknown-port-name", at: port.origin.location, field: port.origin.field,
          "\(words) named \"\(name)\"; this entry matches nothing")
      }
      return Diagnostic(
        .warning, id: "unknown-port-name", at: port.origin.location, field: port.origin.field,
        "\(words) named \"\(name)\" of protocol \(port.transport.rawValue); this entry matches nothing")
    }
  }
}

extension PolicyRule {
  fileprivate var usesNames: Bool {
    ports.entries.contains { $0.ports.name != nil }
  }
}
