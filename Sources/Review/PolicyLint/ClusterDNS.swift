import Addresses
import KubernetesManifests
import PolicyModel
import Reachability

/// The pods that serve DNS in a cluster, as far as their labels and port names show it.
struct ClusterDNS {
  /// Labels of the DNS that clusters come with.
  private static let labels: [(key: String, values: [String])] = [
    ("k8s-app", ["kube-dns", "coredns"]), ("app.kubernetes.io/name", ["coredns", "kube-dns"]),
    ("dns.operator.openshift.io/daemonset-dns", ["default"]),
  ]

  private let cluster: Cluster
  /// The places in `Cluster.podRuns`.
  private let servers: Set<Int>

  init(_ context: LintContext) {
    cluster = context.cluster
    servers = Set(
      context.cluster.podRuns.indices.filter { run in
        let pod = context.cluster.pods[context.cluster.podRuns[run].lowerBound]
        return Self.labels.contains { key, values in pod.labels[key].map(values.contains) ?? false }
      })
  }

  /// The name of a pod that serves DNS; nil where none is known.
  var example: String? { servers.min().map { cluster.pods[cluster.podRuns[$0].lowerBound].endpointName } }

  /// True where the pods of a run serve DNS.
  func isServer(_ run: Int) -> Bool { servers.contains(run) }

  /// The UDP ports at which the pods of a run serve DNS: those whose names begin with `dns`, else 53.
  func ports(of run: Int) -> [UInt16] {
    let named = cluster.pods[cluster.podRuns[run].lowerBound].namedPorts
      .filter { $0.transport == .udp && $0.name.hasPrefix("dns") }.map(\.number)
    return named.isEmpty ? [53] : named
  }

  /// True where a rule allows the UDP port at which the pods of a run serve DNS.
  func isReached(_ rule: PolicyRule, _ run: Int) -> Bool {
    let pod = cluster.pods[cluster.podRuns[run].lowerBound]
    return ports(of: run).contains { number in
      rule.allows(17, port: number)
        || rule.ports.entries.contains { entry in
          guard let name = entry.ports.name else { return false }
          return pod.number(ofPort: name, entry.transport) == number && entry.transport == .udp
        }
    }
  }

  /// True where the Admin tier lets the pods of a run ask DNS, whatever NetworkPolicies say: where servers are known, if one of them
  /// is reached in the end; else, if one of its rules accepts port 53.
  func isAcceptedByTiers(for run: Int, _ context: LintContext) -> Bool {
    guard context.hasClusterPolicies else { return false }
    if !servers.isEmpty {
      let profile = context.meaning.profile(ofPod: cluster.podRuns[run].lowerBound, .egress)
      let store = context.meaning.store
      return servers.contains { server in
        cluster.pods[cluster.podRuns[server].lowerBound].addresses.contains { address in
          let traffic = store.traffic(store.traffic(of: profile.allowed(address.family), at: address.bits))
          return ports(of: server).contains { traffic.contains(17, $0) }
        }
      }
    }
    return context.clusterPolicies.contains { policy in
      policy.tier == .admin
        && (policy.rules(.egress) ?? []).contains { $0.action == .accept && $0.allows(17, port: 53) }
        && context.subjects(of: policy).contains(run)
    }
  }

  /// True where a rule of egress may let queries of DNS pass. Where its peers are pods of which some serve DNS, their ports
  /// count; otherwise port 53, for DNS may be outside, or not in the inventory.
  func mayBeReached(by rule: PolicyRule, of policy: NetworkPolicy, _ context: LintContext) -> Bool {
    if rule.ports == .everything { return true }
    let served = rule.peers.entries.flatMap { context.runs(of: $0, policy) }.filter(isServer)
    if !served.isEmpty { return served.contains { isReached(rule, $0) } }
    if rule.peers == .everything, servers.contains(where: { isReached(rule, $0) }) { return true }
    if rule.peers == .everything, !servers.isEmpty, rule.ports.entries.allSatisfy({ $0.ports.name == nil }) {
      return false
    }
    return rule.ports.entries.contains {
      // A name may be that of any port.
      $0.transport == .udp && $0.ports.numbers?.contains(53) != false
    }
  }
}
