import Addresses
import Connectivity
import Diagnostics
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability
import Wording

extension LintRule {
  static let peerRules: [LintRule] = [
    LintRule(
      "peer-matches-no-pod", .note, "a peer matches no pod",
      """
      No pod of the inventory has these labels in these namespaces, so this entry allows nothing now. That may be a
      pod to come; or a label is misspelt.
      """, needsPods: true
    ) { context in
      context.eachPeer { policy, _, peer in
        guard case .pods(let scope, let selector) = peer.kind, contradiction(in: selector) == nil,
          context.runs(of: peer, policy).isEmpty
        else { return nil }
        if case .matching(let namespaces) = scope {
          guard context.hasNamespace(namespaces) else { return nil }
        }
        return
          "\(Tracer.words(scope, selector, policy.id)): the inventory has no such pod, so this allows nothing"
      }
    },
    LintRule(
      "no-such-namespace", "a namespaceSelector matches no namespace",
      """
      Namespaces are selected by their labels, not by their names. Every namespace carries
      kubernetes.io/metadata.name; it has a label `name` only if a user set one.
      """, needsPods: true
    ) { context in
      context.eachPeer { _, _, peer in
        guard case .pods(.matching(let selector), _) = peer.kind, contradiction(in: selector) == nil,
          !context.hasNamespace(selector),
          !alwaysThere.contains(where: { selector.matches([Namespace.nameLabel: $0]) })
        else { return nil }
        return "no namespace of this inventory has labels \(selector), so this allows nothing"
      }
    },
    LintRule(
      "split-selectors", "a namespaceSelector and a podSelector stand as two peers",
      """
      Two entries mean OR: every pod of these namespaces, and besides, these pods of the policy's own namespace. With
      both selectors in one entry (no dash before the second) they mean AND: these pods of these namespaces. A stray
      dash is the best known mistake with NetworkPolicy, and it opens a whole namespace.
      """
    ) { context in
      context.eachRule { policy, _, rule in
        zip(rule.peers.entries, rule.peers.entries.dropFirst()).compactMap { first, second in
          guard case .pods(.matching(let namespaces), let all) = first.kind, all.isEverything,
            !namespaces.isEverything, case .pods(.own, let pods) = second.kind, !pods.isEverything
          else { return nil }
          return LintFinding(
            policy, at: second.origin,
            "this is a peer of its own: it and the one before mean \"every pod of namespaces \(namespaces), or pods \(pods) of namespace \(policy.namespace)\"; for both at once remove this dash",
            notes: [.init("the namespaceSelector is here", at: first.origin.location)])
        }
      }
    },
    LintRule(
      "except-swallows-block", "the excepts leave nothing of an ipBlock",
      "Every address of `cidr` is excepted, so the entry allows nothing. Remove it, or narrow the excepts."
    ) { context in
      context.eachPeer { _, _, peer in
        guard case .ipBlock(let block) = peer.kind, !block.except.isEmpty else { return nil }
        let rest = IntervalSet(block.cidr.interval).subtracting(IntervalSet(block.except.map(\.interval)))
        return rest.isEmpty ? "the excepts cover all of \(block.cidr): this allows nothing" : nil
      }
    },
    LintRule(
      "block-covers-pods", .note, "an ipBlock covers addresses of pods",
      """
      Pods come and go, and their addresses with them: a block that covers some pods today covers others tomorrow.
      ipBlock is meant for addresses outside the cluster; for pods use selectors. (Blocks of everything, /0, are not
      reported.)
      """, needsPods: true
    ) { context in
      let pods = context.cluster.pods
      let addresses = pods.indices.filter { !pods[$0].isPlaceholder }
        .flatMap { pod in pods[pod].addresses.map { ($0, pod) } }.sorted { $0.0 < $1.0 }
      return context.eachPeer { _, _, peer in
        guard case .ipBlock(let block) = peer.kind, block.cidr.prefixLength > 0 else { return nil }
        // The addresses ascend, so those of a block stand together.
        let base = IPAddress(block.cidr.family, bits: block.cidr.interval.lower)
        let start = addresses.prefixCount(where: { $0.0 < base })
        let covered = addresses[start...].prefix { block.cidr.contains($0.0) }.filter { address, _ in
          !block.except.contains { $0.contains(address) }
        }
        guard let first = covered.first else { return nil }
        return
          "\(block.cidr) covers \(Counting.of(covered.count, "pod address")) (\(pods[first.1].endpointName), \(first.0)): selectors are likely meant"
      }
    },
    LintRule(
      "host-bits", "a CIDR has bits set beyond its prefix",
      """
      The block is wider than its text looks: 10.0.0.5/24 is all of 10.0.0.0/24. The API server refuses such text from
      Kubernetes 1.36 on. Write the canonical form, or /32 (/128) where one address is meant.
      """
    ) { context in
      context.readerFindings.filter { $0.id == "host-bits" }.map { finding in
        let origin = finding.location.map { Origin($0, field: finding.field) }
        return LintFinding(nil, at: origin, finding.message)
      }
    },
    LintRule(
      "ipv4-without-ipv6", "blocks of one family on dual-stack pods",
      """
      The pods have IPv4 and IPv6 addresses, but the policy's blocks of this direction are all of one family. The same
      peer reaches the pod, or is denied, depending on the family it happens to use. Add the twin of the other family.
      """, needsPods: true
    ) { context in
      context.policies.flatMap { policy, runs -> [LintFinding] in
        Direction.allCases.compactMap { direction in
          let rules = policy.effectiveRules(direction)
          let blocks = rules.flatMap(\.peers.entries).compactMap { peer -> (CIDR, Origin)? in
            if case .ipBlock(let block) = peer.kind { (block.cidr, peer.origin) } else { nil }
          }
          guard let first = blocks.first, !rules.contains(where: { $0.peers == .everything }),
            blocks.allSatisfy({ $0.0.family == first.0.family }),
            let example = context.pods(in: runs).first(where: { context.cluster.pods[$0].isDualStack })
          else { return nil }
          let (has, lacks) = first.0.family == .ipv4 ? ("IPv4", "IPv6") : ("IPv6", "IPv4")
          return LintFinding(
            policy, at: first.1,
            "\(direction.rawValue.lowercased()) blocks are \(has) only, but \(context.cluster.pods[example].endpointName) has \(lacks) too: over \(lacks) none of them applies"
          )
        }
      }
    },
    LintRule(
      "duplicate-entry", "an entry stands twice in one list",
      "The same peer or port is listed twice in a rule; once says the same. Often one of the two was meant to differ."
    ) { context in
      context.eachRule { policy, _, rule in
        var peers: Set<Peer.Kind> = []
        var ports: Set<PortContent> = []
        return rule.peers.entries.filter { !peers.insert($0.kind).inserted }.map {
          LintFinding(policy, at: $0.origin, "this peer stands in the list already")
        }
          + rule.ports.entries.filter { !ports.insert(PortContent($0)).inserted }.map {
            LintFinding(policy, at: $0.origin, "\($0.words) stands in the list already")
          }
      }
    },
  ]

  /// Namespaces that every cluster has.
  private static let alwaysThere = ["default", "kube-node-lease", "kube-public", "kube-system"]

  private struct PortContent: Hashable {
    let transport: TransportProtocol
    let ports: PolicyPort.Ports
    init(_ port: PolicyPort) { (transport, ports) = (port.transport, port.ports) }
  }
}

extension Pod {
  /// True where it has addresses of both families.
  fileprivate var isDualStack: Bool {
    !isPlaceholder && IPFamily.allCases.allSatisfy { family in addresses.contains { $0.family == family } }
  }
}
