public import Diagnostics

/// What in a cluster has no effect though somebody wrote it.
extension Cluster {
  /// Policies that select no pod, and port names that no pod they could mean has.
  ///
  /// - Complexity: O(p + q · g), with p pods, q policies and g different label sets in a policy's namespace.
  public func effectWarnings() -> [Diagnostic] {
    var labelSets: [String: [Labels: [Int]]] = [:]
    for (position, pod) in pods.enumerated() {
      labelSets[pod.namespace, default: [:]][pod.labels, default: []].append(position)
    }
    let everyPort = Set(pods.flatMap(\.namedPorts).map(PortName.init))
    var diagnostics: [Diagnostic] = []
    for policy in policies {
      let selected = (labelSets[policy.id.namespace] ?? [:]).filter { policy.podSelector.matches($0.key) }
      if selected.isEmpty {
        let origin = policy.origins["spec.podSelector"] ?? policy.origin
        diagnostics.append(
          Diagnostic(
            .warning, id: "selects-no-pod", at: origin.location, field: "spec.podSelector",
            "\(policy.podSelector) selects no pod of namespace \"\(policy.id.namespace)\""))
        continue
      }
      if policy.isolates.contains(.ingress), policy.ingress.contains(where: \.usesNames) {
        let ports = Set(selected.values.joined().flatMap { pods[$0].namedPorts }.map(PortName.init))
        diagnostics += unknownPorts(in: policy.ingress, ports, "no pod that the policy selects has a port")
      }
      if policy.isolates.contains(.egress) {
        diagnostics += unknownPorts(in: policy.egress, everyPort, "no pod has a port")
      }
    }
    return diagnostics
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
      guard case .named(let name) = port.ports, !known.contains(PortName(name, port.transport)) else {
        return nil
      }
      return Diagnostic(
        .warning, id: "unknown-port-name", at: port.origin.location, field: port.origin.field,
        "\(words) named \"\(name)\" of protocol \(port.transport.rawValue); this entry matches nothing")
    }
  }
}

extension PolicyRule {
  fileprivate var usesNames: Bool {
    ports.entries.contains { if case .named = $0.ports { true } else { false } }
  }
}
