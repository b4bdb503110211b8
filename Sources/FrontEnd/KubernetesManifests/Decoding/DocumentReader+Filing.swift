import Diagnostics

import Addresses
import PolicyModel

extension DocumentReader where Cursor: ~Copyable {
  /// Puts an object of the inventory that was read to the end into the contents.
  mutating func file(_ draft: ObjectDraft, _ kind: Kind, _ position: Int) {
    guard let name = draft.name, !name.isEmpty else {
      report(.error, "required-value", at: position, "metadata.name", "Required value: name is required")
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
      contents.pods.append(pod(name, kind, labels, draft, origin))
    case .deployment, .statefulSet, .daemonSet, .replicaSet, .job, .cronJob:
      contents.workloads.append(pod(name, kind, labels, draft, origin))
    case .networkPolicy, .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy, .list:
      break
    }
  }

  private func pod(
    _ name: String, _ kind: Kind, _ labels: Labels, _ draft: ObjectDraft, _ origin: Origin
  ) -> Pod {
    var addresses = draft.addresses
    if let address = draft.podIP, !addresses.contains(address) { addresses.insert(address, at: 0) }
    let namespace = draft.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? settings.defaultNamespace
    return Pod(
      namespace: namespace, name: name, kind: kind.rawValue, labels: labels, addresses: addresses,
      node: draft.node, hostNetwork: draft.hostNetwork,
      phase: draft.phase ?? (kind == .pod ? .unknown : .running),
      deleting: draft.deleting, namedPorts: draft.ports + draft.sidecarPorts, origin: origin)
  }
}
