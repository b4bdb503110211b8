import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import Wording

extension LintRule {
  static let isolationRules: [LintRule] = [
    LintRule(
      "rules-without-type", "rules of a direction that policyTypes leaves out",
      """
      policyTypes decides which rules count. Rules of a direction that it does not list are ignored without a word:
      the pods stay open in that direction. Add the direction, or remove the rules.
      """
    ) { context in
      context.written.flatMap { policy in
        Direction.allCases.compactMap { direction -> LintFinding? in
          let rules = direction == .ingress ? policy.ingress : policy.egress
          guard let first = rules.first, !policy.isolates.contains(direction) else { return nil }
          return LintFinding(
            policy, at: first.origin,
            "policyTypes does not list \(direction.rawValue): these rules are ignored")
        }
      }
    },
    LintRule(
      "egress-without-dns", "pods may send, but not to DNS",
      """
      Policies isolate these pods for egress and allow some, but no DNS: names do not resolve ("Couldn't resolve host"), and
      what is allowed works by address only. Allow UDP and TCP to the cluster's DNS, on the port that its pods listen on: 53,
      or another where port 53 is the Service's only. Pods that may send nothing at all are not reported, nor are those whose
      DNS the Admin tier accepts.
      """, needsPods: true
    ) { context in
      var reported: Set<PolicyID> = []
      let policies = context.written
      let rules = policies.map { $0.effectiveRules(.egress) }
      let dns = ClusterDNS(context)
      let allowDNS = zip(policies, rules).map { policy, rules in
        rules.contains { dns.mayBeReached(by: $0, of: policy, context) }
      }
      return context.isolating(.egress).enumerated().compactMap { run, selecting -> LintFinding? in
        guard selecting.contains(where: { !rules[$0].isEmpty }), !selecting.contains(where: { allowDNS[$0] }),
          let policy = selecting.first(where: { !policies[$0].egress.isEmpty }).map({ policies[$0] }),
          !dns.isAcceptedByTiers(for: run, context), reported.insert(policy.id).inserted
        else { return nil }
        let pod = context.cluster.pods[context.cluster.podRuns[run].lowerBound]
        return LintFinding(
          policy, at: policy.origins["spec.egress"] ?? policy.origin,
          "\(pod.endpointName) may send, but not to DNS: names will not resolve")
      }
    },
    LintRule(
      "allow-all-among-others", "a rule allows everything, and others beside it nothing more",
      """
      An empty rule ({}) allows all traffic of its direction, so the other rules of the list have no effect. Where the
      others are meant, the empty one is a hole; where it is meant, the others mislead.
      """
    ) { context in
      context.written.flatMap { policy in
        Direction.allCases.compactMap { direction -> LintFinding? in
          let rules = policy.effectiveRules(direction)
          guard rules.count > 1,
            let open = rules.first(where: { $0.peers == .everything && $0.ports == .everything })
          else { return nil }
          return LintFinding(
            policy, at: open.origin,
            "this rule allows everything; the other \(rules.count - 1) of the list have no effect")
        }
      }
    },
    LintRule(
      "no-default-deny", .note, "a namespace without default deny",
      """
      Some pods of the namespace are isolated by no policy and open to everybody, though the namespace has policies.
      A policy with an empty podSelector and no rules denies what nothing else allows, for pods to come as well. Pods to
      which the tiers Admin and Baseline deny something are not reported.
      """, needsPods: true
    ) { context in
      let isolating = context.isolating(.ingress)
      return Dictionary(grouping: context.written, by: \.namespace).sorted { $0.key < $1.key }
        .compactMap { namespace, policies -> LintFinding? in
          guard !policies.contains(where: { $0.podSelector.isEverything && $0.isolates.contains(.ingress) }),
            let first = policies.first
          else { return nil }
          let open = context.runs(ofNamespace: namespace).filter {
            isolating[$0].isEmpty && context.tiersLeaveOpen($0, .ingress)
          }
          guard let example = context.pods(in: open).first.map({ context.cluster.pods[$0] }) else {
            return nil
          }
          let count = open.reduce(0) { $0 + context.cluster.podRuns[$1].count }
          return LintFinding(
            first, at: first.origin,
            "namespace \(namespace) has no default deny for ingress: \(Counting.of(count, "pod")) open to everybody, such as \(example.endpointName)"
          )
        }
    },
    LintRule(
      "allows-everything", .note, "a policy that restricts nothing",
      """
      The policy isolates its pods and allows them all traffic. Alone it changes nothing; combined with
      other policies it overrides them. Where policies of the Baseline tier select its pods it opens them: that tier is not
      asked about pods that a NetworkPolicy isolates.
      """
    ) { context in
      context.written.compactMap { policy in
        let isOpen = policy.isolates.allSatisfy { direction in
          policy.effectiveRules(direction).contains { $0.peers == .everything && $0.ports == .everything }
        }
        guard isOpen, let direction = policy.isolates.min(by: { $0.rawValue < $1.rawValue }) else {
          return nil
        }
        let origin = policy.origins["spec.\(direction.rawValue.lowercased())"] ?? policy.origin
        let words =
          context.isBeforeBaseline(policy)
          ? "allows everything: it undoes every other NetworkPolicy of its pods, and the Baseline tier is not asked about them"
          : "allows everything, and undoes every other policy of its pods"
        return LintFinding(policy, at: origin, words)
      }
    },
  ]
}
