import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability
import Wording

extension LintRule {
  /// Rules about what can be reached in the end.
  static let accessRules: [LintRule] = [
    LintRule(
      "one-sided", "one end allows what the other end denies",
      """
      A connection needs the egress of its sender and the ingress of its receiver. This entry allows traffic, and every pod
      at the other end denies all of it, so that nothing passes. Add the rule at the other end, or remove this one.
      """, needsPods: true
    ) { context in
      context.eachRule { policy, direction, rule in
        rule.peers.entries.compactMap { peer in
          OtherEnd(context, policy, direction, rule).denial(of: peer).map {
            LintFinding(policy, at: peer.origin, $0)
          }
        }
      }
    },
    LintRule(
      "port-name-towards-block", "a named port towards addresses",
      """
      A port name is looked up in the destination pod. Addresses outside the cluster have no names of ports, so in an egress
      rule whose peers are blocks of addresses the entry allows nothing there, and towards pods in the block only those that
      have the name. Write the number.
      """
    ) { context in
      context.eachRule { policy, direction, rule in
        guard direction == .egress, !rule.peers.entries.isEmpty,
          rule.peers.entries.allSatisfy({ if case .ipBlock = $0.kind { true } else { false } })
        else { return [] }
        return rule.ports.entries.compactMap { port in
          guard let name = port.ports.name else { return nil }
          return LintFinding(
            policy, at: port.origin,
            "\"\(name)\" is a port's name, and addresses outside have none: write the number")
        }
      }
    },
    LintRule(
      "empty-opens", "a field with nothing in it opens everything",
      """
      An empty `from`, `to` or `ports`, or an empty `port`, means the same as leaving it out: every peer, every port. Where a
      template fills the list, a value that is missing opens everything. Write the entries, or leave the field out to say
      that everything is meant.
      """
    ) { context in
      context.written.flatMap { policy in
        policy.emptyFields.map { origin in
          let key = origin.field.split(separator: ".").last ?? ""
          let meaning = key.hasPrefix("port") ? "every port" : "every peer"
          return LintFinding(policy, at: origin, "there is nothing in it, which means \(meaning)")
        }
      }
    },
    LintRule(
      "metadata-address", .note, "the cloud's metadata service is reachable",
      """
      On machines of a cloud, 169.254.169.254 (fd00:ec2::254 over IPv6) gives the machine's credentials to any process that asks.
      This rule lets pods ask there. Leave the address out with `except`, or block it on the node. Where the Admin tier denies it
      to all pods of the policy, nothing is reported.
      """
    ) { context in
      context.eachRule { policy, direction, rule in
        guard direction == .egress, rule.allows(6, port: 80) else { return [] }
        let metadata = metadata.filter { context.tiersLeave($0, to: policy) }
        guard let example = metadata.first else { return [] }
        if rule.peers == .everything {
          return [
            LintFinding(
              policy, at: rule.origin, "this includes the metadata address \(example) on TCP 80")
          ]
        }
        return rule.peers.entries.compactMap { peer in
          guard case .ipBlock(let block) = peer.kind else { return nil }
          let found = metadata.first { address in
            block.cidr.contains(address) && !block.except.contains { $0.contains(address) }
              && block.cidr.prefixLength < address.family.bitWidth
          }
          return found.map {
            LintFinding(
              policy, at: peer.origin, "\(block.cidr) includes the metadata address \($0), on TCP 80 too")
          }
        }
      }
    },
    LintRule(
      "namespace-without-pods", "a policy in a namespace without pods",
      """
      The inventory has no pod or workload in the policy's namespace, so the policy does nothing. The namespace may be
      misspelt, or be that of the pods that the policy was meant to let in.
      """, needsPods: true
    ) { context in
      context.written.filter {
        context.runs(ofNamespace: $0.namespace).isEmpty && !context.hasOmitted($0.namespace)
      }
      .map {
        LintFinding(
          $0, at: $0.origins["metadata.name"] ?? $0.origin,
          "namespace \"\($0.namespace)\" has no pod in this inventory: the policy does nothing")
      }
    },
    LintRule(
      "future-pods-open", .note, "pods are isolated by their labels, and pods to come are not",
      """
      The namespace's policies isolate pods that carry certain labels. All pods of today may have them; the next pod without
      is open. A policy with an empty podSelector and no rules isolates every pod, whatever it carries.
      """
    ) { context in
      let policiesOfRuns = [Direction.ingress, .egress].map { ($0, context.isolating($0)) }
      return Dictionary(grouping: context.written, by: \.namespace).sorted { $0.key < $1.key }
        .flatMap { namespace, policies in
          policiesOfRuns.compactMap { direction, byRun -> LintFinding? in
            let isolating = policies.filter { $0.isolates.contains(direction) }
            guard let first = isolating.first, !isolating.contains(where: \.podSelector.isEverything) else {
              return nil
            }
            // Open pods of today are reported by no-default-deny.
            let runs = context.runs(ofNamespace: namespace)
            if direction == .ingress, runs.contains(where: { byRun[$0].isEmpty }) { return nil }
            if direction == .egress, !runs.isEmpty, runs.contains(where: { byRun[$0].isEmpty }) { return nil }
            let rest =
              context.hasTierDenials(ofNamespace: namespace, direction)
              ? ", but for what the tiers Admin and Baseline deny" : ""
            return LintFinding(
              first, at: first.selectorOrigin,
              "namespace \(namespace) isolates pods for \(direction.rawValue.lowercased()) by their labels only: a pod without them is open\(rest)"
            )
          }
        }
    },
    LintRule(
      "dns-other-name", "DNS is allowed to other pods than the cluster's DNS",
      """
      The rule allows port 53 to pods, and none of them is one that serves DNS in this inventory, or they listen on another
      port: policies see the port of the pod and not of the Service. Select the pods of DNS by the labels that they have
      (k8s-app=kube-dns in most clusters), on the port that they listen on.
      """, needsPods: true
    ) { context in
      let dns = ClusterDNS(context)
      guard let example = dns.example else { return [] }
      return context.eachRule { policy, direction, rule in
        guard direction == .egress else { return [] }
        return rule.peers.entries.compactMap { peer in
          let runs = context.runs(of: peer, policy)
          guard case .pods = peer.kind, let port = rule.entry(allowing: 17, port: 53) else { return nil }
          let served = runs.filter(dns.isServer)
          if served.isEmpty {
            guard rule.isAboutDNS else { return nil }
            return LintFinding(
              policy, at: peer.origin,
              "port 53 is allowed to pods of which none serves DNS; the cluster's DNS is \(example)")
          }
          guard !served.contains(where: { dns.isReached(rule, $0) }) else { return nil }
          let ports = Set(served.flatMap { dns.ports(of: $0) }).sorted().map(String.init)
          return LintFinding(
            policy, at: port.origin,
            "\(port.words) is not where the pods of DNS listen: \(example) has UDP \(Counting.list(ports))")
        }
      }
    },
  ]

  private static let metadata: [IPAddress] = ["169.254.169.254", "fd00:ec2::254"].compactMap { IPAddress($0) }
}

extension PolicyRule {
  /// The entry that allows a port of a protocol by number; nil where none does, or the rule has no entries.
  func entry(allowing transport: UInt8, port: UInt16) -> PolicyPort? {
    ports.entries.first { $0.transport.number == transport && $0.ports.numbers?.contains(port) == true }
  }

  /// True where a port of a protocol is allowed by number.
  func allows(_ transport: UInt8, port: UInt16) -> Bool {
    ports == .everything || entry(allowing: transport, port: port) != nil
  }

  /// True where its ports are those of DNS alone.
  fileprivate var isAboutDNS: Bool {
    !ports.entries.isEmpty
      && ports.entries.allSatisfy { $0.ports.numbers == PortSet(Interval(53)) }
  }
}
