import Addresses
import Diagnostics
import Documents
import PolicyModel

extension DocumentReader where Cursor: ~Copyable {
  /// Puts an object of the inventory that was read to the end into the contents.
  mutating func file(_ draft: ObjectDraft, _ kind: InventoryKind, _ position: Int) {
    guard let name = draft.name ?? draft.generatedName, !name.isEmpty else {
      reportMissingName(draft, position)
      return
    }
    let origin = Origin(location(position), field: "")
    let labels = draft.labels
    switch kind {
    case .namespace:
      contents.namespaces.append(Namespace(name: name, labels: labels, origin: origin))
    case .node:
      var blocks = draft.blocks
      if let block = draft.block, !blocks.contains(block) { blocks.insert(block, at: 0) }
      contents.nodes.append(
        Node(name: name, labels: labels, addresses: draft.addresses, podCIDRs: blocks, origin: origin))
    case .pod:
      contents.pods.append(pod(name, kind.rawValue, labels, draft, origin))
    case .deployment, .statefulSet, .daemonSet, .replicaSet, .replicationController, .job, .cronJob:
      if settings.workloadKinds.isExcluded(kind.rawValue) {
        contents.skipped[kind.rawValue, default: 0] += 1
      } else {
        contents.workloads.append(pod(name, kind.rawValue, labels, draft, origin))
      }
    case .service:
      contents.services.append(
        Service(
          namespace: namespace(draft), name: name, addresses: draft.service.addresses,
          selector: draft.service.selector, ports: draft.service.ports, origin: origin))
    case .endpointSlice:
      contents.endpointSlices.append(
        EndpointSlice(
          namespace: namespace(draft), service: labels["kubernetes.io/service-name"],
          addresses: draft.service.addresses, ports: draft.service.slicePorts, origin: origin))
    case .ingress, .httpRoute, .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute, .openShiftRoute:
      let own = namespace(draft)
      contents.routes.append(
        IngressRoute(
          kind: kind.rawValue, namespace: own, name: name,
          backends: draft.route.backends.map {
            IngressRoute.Backend(
              namespace: $0.namespace ?? own, service: $0.service ?? "", port: $0.port ?? draft.route.target)
          }, origin: origin))
    case .list: break
    }
  }

  /// Puts an object of a kind that is known only by its pod template into the contents.
  mutating func fileCustomWorkload(_ draft: ObjectDraft, _ kind: String, _ position: Int) {
    guard let name = draft.name ?? draft.generatedName, !name.isEmpty else {
      reportMissingName(draft, position)
      return
    }
    context.diagnostics += draft.customFindings.map { finding in
      var told = finding
      told.severity = .warning
      return told
    }
    contents.customWorkloads[kind, default: 0] += 1
    contents.workloads.append(pod(name, kind, draft.labels, draft, Origin(location(position), field: "")))
  }

  /// Tells that a name is missing, unless what stands there was told to be no name.
  private mutating func reportMissingName(_ draft: ObjectDraft, _ position: Int) {
    if draft.hasFaultyName { return }
    report(.error, "required-value", at: position, "metadata.name", "Required value: name is required")
  }

  private func namespace(_ draft: ObjectDraft) -> String {
    draft.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? settings.defaultNamespace
  }

  private func pod(
    _ name: String, _ kind: String, _ labels: Labels, _ draft: ObjectDraft, _ origin: Origin
  ) -> Pod {
    var addresses = draft.addresses
    if let address = draft.podIP, !addresses.contains(address) { addresses.insert(address, at: 0) }
    return Pod(
      namespace: namespace(draft), name: name, kind: kind, labels: labels, addresses: addresses,
      node: draft.node, hostNetwork: draft.hostNetwork,
      phase: draft.phase ?? (kind == InventoryKind.pod.rawValue ? .unknown : .running),
      deleting: draft.deleting, ready: draft.ready, namedPorts: draft.ports + draft.sidecarPorts,
      owner: draft.owner,
      replicas: kind == InventoryKind.pod.rawValue ? nil : draft.replicas, origin: origin)
  }
}
