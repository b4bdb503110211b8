import Addresses
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// The pods at the other end of a rule, asked about the rule's traffic.
struct OtherEnd {
  /// With more pairs of kinds of pods than this no answer is given.
  private static let mostPairs = 4_000

  private let context: LintContext
  private let policy: NetworkPolicy
  private let direction: Direction
  private let rule: PolicyRule

  init(_ context: LintContext, _ policy: NetworkPolicy, _ direction: Direction, _ rule: PolicyRule) {
    (self.context, self.policy, self.direction, self.rule) = (context, policy, direction, rule)
  }

  /// The reason why nothing of the rule's traffic passes with an entry's pods, whichever are taken; nil where some does, where
  /// the entry means no pods, or where there is too much to look at.
  func denial(of peer: Peer) -> String? {
    let peers = context.runs(of: peer, policy)
    guard let subjects = context.runs(ofSubjectsOf: policy), !subjects.isEmpty, !peers.isEmpty,
      subjects.count * peers.count <= Self.mostPairs
    else { return nil }
    var example: (Int, Int)?
    for subject in subjects {
      for other in peers {
        guard let (own, its) = pods(subject, other) else { continue }
        let traffic = traffic(own, its)
        // A name that the pods do not have is another rule's finding.
        if traffic.isEmpty { return nil }
        if passes(traffic, own, its) { return nil }
        example = example ?? (own, its)
      }
    }
    guard let (own, its) = example else { return nil }
    let pods = context.cluster.pods
    let (verb, side) = direction == .egress ? ("receive", "ingress") : ("send", "egress")
    return
      "no pod that this means may \(verb) it: \(side) of \(pods[its].endpointName) denies all that this allows with \(pods[own].endpointName)"
  }

  /// Two different pods of two runs; nil where there is one only.
  private func pods(_ subject: Int, _ other: Int) -> (Int, Int)? {
    let (own, its) = (context.cluster.podRuns[subject], context.cluster.podRuns[other])
    if subject != other { return (own.lowerBound, its.lowerBound) }
    return own.count > 1 ? (own.lowerBound, own.lowerBound + 1) : nil
  }

  private func traffic(_ own: Int, _ its: Int) -> TrafficSet {
    rule.traffic(to: context.cluster.pods[direction == .egress ? its : own])
  }

  /// True where the other end lets some of the traffic pass, in some family.
  private func passes(_ traffic: TrafficSet, _ own: Int, _ its: Int) -> Bool {
    let specification = context.meaning
    let profile = specification.profile(ofPod: its, direction == .egress ? .ingress : .egress)
    if !profile.isSelected { return true }
    return context.cluster.pods[own].addresses.contains { address in
      let allowed = specification.store.traffic(of: profile.allowed(address.family), at: address.bits)
      return !specification.store.traffic(allowed).intersection(traffic).isEmpty
    }
  }
}
