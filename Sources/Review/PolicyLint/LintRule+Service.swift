import Addresses
import Connectivity
import Diagnostics
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability
import Wording

extension LintRule {
  static let serviceRules: [LintRule] = [
    LintRule(
      "block-is-service", "an ipBlock of egress is a service's address",
      """
      Packets to a service's address are rewritten to the address of one of its pods before policies are asked, so a block \
      of service addresses never matches them. Allow the pods behind the service by their labels, and the port that they \
      listen on.
      """
    ) { context in
      let services = context.contents.services.flatMap { service in service.addresses.map { ($0, service) } }
      return context.eachPeer { _, direction, peer in
        guard direction == .egress, case .ipBlock(let block) = peer.kind, block.cidr.prefixLength > 0 else {
          return nil
        }
        let inside = services.filter { address, _ in
          block.cidr.contains(address) && !block.except.contains { $0.contains(address) }
        }
        guard let first = inside.first else { return nil }
        return
          "\(block.cidr) has the address of \(Counting.of(inside.count, "service")) (\(first.1.displayName), \(first.0)): packets to it are rewritten to its pods first, so this never matches them"
      }
    },
    LintRule(
      "port-is-service-port", "a port is the service's and not its pods'",
      """
      Policies are asked about packets that have been rewritten to a pod, with the pod's port. A rule that names the port of \
      the service allows nothing through it where the pods listen on another one. Name the pods' port (targetPort).
      """
    ) { context in
      context.policies.flatMap { policy, selected -> [LintFinding] in
        Direction.allCases.flatMap { direction in
          policy.effectiveRules(direction).flatMap { rule -> [LintFinding] in
            let runs =
              direction == .ingress ? selected : rule.peers.entries.flatMap { context.runs(of: $0, policy) }
            if runs.isEmpty || rule.ports == .everything { return [] }
            return rule.ports.entries.compactMap { entry in
              message(entry, rule, runs, context).map { LintFinding(policy, at: entry.origin, $0) }
            }
          }
        }
      }
    },
    LintRule(
      "ingress-denied", "a controller of ingress may not reach what a route names",
      """
      An Ingress, HTTPRoute or Route makes its controller send to the pods of a service, from the controller's own address.
      The policies of these pods, or the controller's, deny it, so that requests from outside fail. Allow the controller's
      namespace on the port that the pods listen on. Needs --ingress-controller.
      """, needsPods: true
    ) { context in
      let cluster = context.cluster
      let senders = cluster.pods.indices.filter { pod in
        context.contents.ingressControllers.contains { $0.matches(cluster.pods[pod]) }
      }
      guard let example = senders.first else { return [] }
      let store = context.meaning.store
      func reaches(_ sender: Int, _ target: RouteTarget) -> Bool {
        cluster.pods[sender].addresses.contains { source in
          cluster.pods[target.pod].addresses.contains { destination in
            store.traffic(context.meaning.allowed(from: source, to: destination))
              .contains(target.transport.number, target.port)
          }
        }
      }
      var reported: Set<[String]> = []
      return RouteTarget.all(context.contents, cluster).compactMap { target in
        if senders.contains(where: { $0 == target.pod || reaches($0, target) }) { return nil }
        guard reported.insert([target.route.displayName, target.service.displayName]).inserted else {
          return nil
        }
        return LintFinding(
          nil, at: target.route.origin,
          "\(target.route.displayName) sends to service \(target.service.displayName), but the controller (\(cluster.pods[example].endpointName)) may not reach \(cluster.pods[target.pod].endpointName) on \(target.transport.rawValue) \(target.port)"
        )
      }
    },
  ]

  /// The message about a port that a service of some pods has and these pods do not.
  private static func message(
    _ entry: PolicyPort, _ rule: PolicyRule, _ runs: [Int], _ context: LintContext
  ) -> String? {
    guard case .range(let range) = entry.ports, range.isSingle else { return nil }
    for run in runs {
      let pod = context.cluster.pods[context.cluster.podRuns[run].lowerBound]
      for service in context.contents.services where service.namespace == pod.namespace {
        guard let selector = service.selector, LabelSelector(matchLabels: selector).matches(pod.labels) else {
          continue
        }
        for port in service.ports where port.transport == entry.transport && port.number == range.lower {
          let target: UInt16?
          switch port.target {
          case .number(let number): target = number
          case .name(let name): target = pod.number(ofPort: name, port.transport)
          }
          guard let target, target != port.number, !allows(rule, port.transport, target, pod),
            !service.ports.contains(where: {
              $0.target == .number(range.lower) && $0.transport == port.transport
            })
          else { continue }
          return
            "\(entry.words) is the port of service \(service.displayName); its pods (\(pod.endpointName)) listen on \(target), which this rule does not allow"
        }
      }
    }
    return nil
  }

  /// True where a rule names a port of a pod.
  private static func allows(
    _ rule: PolicyRule, _ transport: TransportProtocol, _ number: UInt16, _ pod: Pod
  ) -> Bool {
    rule.ports.entries.contains {
      $0.transport == transport && $0.traffic(to: pod).contains(transport.number, number)
    }
  }
}
