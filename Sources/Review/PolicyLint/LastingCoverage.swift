import Addresses
import KubernetesManifests
import PolicyModel

/// Rules of NetworkPolicies that others cover by their words, so that it is so whatever pods come.
///
/// A rule is compared with single other rules, peer by peer and port by port. One that is covered only because of today's labels
/// and addresses is not, nor is one whose peers several others share between them.
struct LastingCoverage {
  /// The policies of each namespace.
  private let policies: [String: [NetworkPolicy]]
  /// Of a namespace's other policies so many are compared, so that the work stays linear.
  private static let mostPolicies = 50

  init(_ written: [NetworkPolicy]) {
    policies = Dictionary(grouping: written, by: \.namespace)
  }

  /// True where each pair of a peer and a port of a rule is in another rule for the same pods, whatever pods there are. O(peers ·
  /// ports · rules of the policies that are compared).
  func covers(_ policy: NetworkPolicy, _ direction: Direction, _ place: Int) -> Bool {
    let own = policy.effectiveRules(direction)
    var others = own.indices.filter { $0 != place }.map { own[$0] }
    let wide = (policies[policy.namespace] ?? []).lazy.filter {
      $0.id != policy.id && ($0.podSelector.requirements.isEmpty || $0.podSelector == policy.podSelector)
    }
    others += wide.prefix(Self.mostPolicies).flatMap { $0.effectiveRules(direction) }
    let rule = own[place]
    let peers: [Peer?] = rule.peers == .everything ? [nil] : rule.peers.entries
    let ports: [PolicyPort?] = rule.ports == .everything ? [nil] : rule.ports.entries
    return peers.allSatisfy { peer in
      let ofPeer = others.filter { other in
        other.peers == .everything
          || other.peers.entries.contains { entry in peer.map { Self.contains(entry.kind, $0.kind) } ?? false
          }
      }
      return ports.allSatisfy { port in
        ofPeer.contains { other in
          other.ports == .everything
            || other.ports.entries.contains { entry in port.map { Self.contains(entry, $0) } ?? false }
        }
      }
    }
  }

  private static func contains(_ whole: Peer.Kind, _ part: Peer.Kind) -> Bool {
    switch (whole, part) {
    case (.ipBlock(let whole), .ipBlock(let part)):
      whole == part
        || (whole.except.isEmpty && whole.cidr.family == part.cidr.family
          && whole.cidr.interval.contains(part.cidr.interval))
    case (.pods(let wholeScope, let wholePods), .pods(let partScope, let partPods)):
      (wholeScope == partScope || wholeScope == .matching(LabelSelector()))
        && (wholePods == partPods || wholePods.requirements.isEmpty)
    case (.ipBlock, .pods), (.pods, .ipBlock): false
    }
  }

  private static func contains(_ whole: PolicyPort, _ part: PolicyPort) -> Bool {
    guard whole.transport == part.transport else { return false }
    switch (whole.ports, part.ports) {
    case (.all, _): return true
    case (.range(let whole), .range(let part)): return whole.contains(part)
    default: return whole.ports == part.ports
    }
  }
}
