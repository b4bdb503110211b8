import Addresses
import PolicyModel

/// Where network-config-analyzer 2.1.0 reads policies otherwise than the API's text, put as a change of the policies:
/// what it says of a policy is what the API says of the changed one.
struct AnalyzerReading: OptionSet {
  let rawValue: UInt8

  /// It knows no addresses of pods: blocks mean addresses outside only.
  static let blocksMeanNoPods = AnalyzerReading(rawValue: 1)
  /// In the `podSelector` of a peer, `Exists` and `DoesNotExist` select pods of the policy's namespace only, also
  /// beside a `namespaceSelector`.
  static let presenceMeansOwnNamespace = AnalyzerReading(rawValue: 2)
  /// As it reads.
  static let analyzer: AnalyzerReading = [.blocksMeanNoPods, .presenceMeansOwnNamespace]

  /// The policy that means to the API what this one means to the analyser, in a cluster with pods at these addresses.
  func changed(_ policy: Policy, podAddresses: [IPAddress]) -> Policy {
    func rules(_ rules: [PolicyRule]) -> [PolicyRule] {
      rules.map { rule in
        guard case .anyOf(let entries) = rule.peers else { return rule }
        let peers = entries.map {
          Peer(changed($0.kind, of: policy, podAddresses: podAddresses), origin: $0.origin)
        }
        return PolicyRule(peers: .anyOf(peers), ports: rule.ports, origin: rule.origin)
      }
    }
    return Policy(
      id: policy.id, subjects: policy.subjects, ingress: policy.ingress.map(rules),
      egress: policy.egress.map(rules), origin: policy.origin)
  }

  private func changed(_ peer: Peer.Kind, of policy: Policy, podAddresses: [IPAddress]) -> Peer.Kind {
    switch peer {
    case .ipBlock(let block) where contains(.blocksMeanNoPods):
      let inside = podAddresses.filter { block.cidr.contains($0) }
      let excepted = inside.map { CIDR($0, prefixLength: $0.family.bitWidth) }
      return .ipBlock(IPBlock(block.cidr, except: block.except + excepted))
    case .pods(.matching(let namespaces), let selector)
    where contains(.presenceMeansOwnNamespace) && Self.asksForPresence(selector):
      let own = LabelSelector.Requirement(Namespace.nameLabel, .isIn, [policy.id.namespace ?? ""])
      return .pods(.matching(LabelSelector(namespaces.requirements + [own])), selector)
    default: return peer
    }
  }

  private static func asksForPresence(_ selector: LabelSelector) -> Bool {
    selector.requirements.contains { $0.relation == .exists || $0.relation == .doesNotExist }
  }

  /// Whether a policy of the cluster is one that is read otherwise.
  func concerns(_ contents: ManifestContents) -> Bool {
    let pods = contents.pods.flatMap(\.addresses)
    let peers = contents.policies.flatMap { ($0.ingress ?? []) + ($0.egress ?? []) }.flatMap {
      $0.peers.entries
    }
    return peers.contains { peer in
      switch peer.kind {
      case .ipBlock(let block):
        contains(.blocksMeanNoPods) && pods.contains { block.cidr.contains($0) }
      case .pods(.matching, let selector):
        contains(.presenceMeansOwnNamespace) && Self.asksForPresence(selector)
      case .pods(.own, _): false
      }
    }
  }
}
