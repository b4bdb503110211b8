/// Examples of rules about ClusterNetworkPolicy.
extension LintExample {
  /// A ClusterNetworkPolicy with the given rules, in YAML's flow style.
  public static func cluster(
    _ rules: String, name: String = "c", tier: String = "Admin", priority: Int = 1,
    subject: String = "{namespaces: {matchLabels: {team: red}}}"
  ) -> String {
    """
    kind: ClusterNetworkPolicy
    apiVersion: policy.networking.k8s.io/v1alpha2
    metadata: {name: \(name)}
    spec: {tier: \(tier), priority: \(priority), subject: \(subject), \(rules)}
    """
  }

  private static let all80 = "protocols: [{tcp: {destinationPort: {number: 80}}}]"

  static let ofClusterPolicies: [LintExample] = [
    LintExample(
      "cluster-rule-without-effect",
      // Shadowed by a rule before it, by a Pass, and by a policy with a lower number.
      fires: cluster(
        "ingress: [{action: Deny, from: [{namespaces: {}}]}, {action: Accept, from: [{namespaces: {}}], \(all80)}]"
      ),
      cluster(
        "ingress: [{action: Pass, from: [{namespaces: {}}]}, {action: Deny, from: [{namespaces: {}}], \(all80)}]"
      ),
      cluster("ingress: [{action: Accept, from: [{namespaces: {}}]}]") + "\n---\n"
        + cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]", name: "b", priority: 2),
      silent: cluster(
        "ingress: [{action: Accept, from: [{namespaces: {}}], \(all80)}, {action: Deny, from: [{namespaces: {}}]}]"
      ),
      // Nothing would be denied, but this rule is what is asked.
      cluster("ingress: [{action: Accept, from: [{namespaces: {}}]}]", tier: "Baseline")),
    LintExample(
      "cluster-rule-agrees",
      fires: cluster("ingress: [{action: Accept, from: [{namespaces: {}}]}]", tier: "Baseline"),
      cluster("ingress: [{action: Accept, from: [{namespaces: {}}], \(all80)}]"),
      cluster("ingress: [{action: Pass, from: [{namespaces: {}}], \(all80)}]"),
      // Shadowed is another thing, and so is a rule that decides.
      silent: cluster(
        "ingress: [{action: Deny, from: [{namespaces: {}}]}, {action: Accept, from: [{namespaces: {}}], \(all80)}]"
      ),
      policy("{podSelector: {}}") + "\n---\n"
        + cluster("ingress: [{action: Accept, from: [{namespaces: {}}], \(all80)}]"),
      cluster(
        "ingress: [{action: Accept, from: [{namespaces: {}}], \(all80)}, {action: Deny, from: [{namespaces: {}}]}]"
      )),
    LintExample(
      "port-names-at-networks",
      fires: cluster(
        "egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}], protocols: [{destinationNamedPort: http}]}]"),
      silent: cluster(
        "egress: [{action: Deny, to: [{namespaces: {}}], protocols: [{destinationNamedPort: http}]}]")),
    LintExample(
      "cluster-policy-selects-no-pod",
      fires: cluster(
        "ingress: [{action: Deny, from: [{namespaces: {}}]}]",
        subject: "{pods: {podSelector: {matchLabels: {app: agent}}}}"),
      silent: cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]")),
    LintExample(
      "baseline-unreached",
      fires: policy("{podSelector: {}}") + "\n---\n"
        + cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]", tier: "Baseline"),
      silent: policy("{\(web)}") + "\n---\n"
        + cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]", tier: "Baseline"),
      policy("{podSelector: {}}") + "\n---\n"
        + cluster("egress: [{action: Deny, to: [{namespaces: {}}]}]", tier: "Baseline")),
    LintExample(
      "priority-tie",
      fires: cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]") + "\n---\n"
        + cluster("ingress: [{action: Accept, from: [{namespaces: {}}], \(all80)}]", name: "b"),
      // The same effect, other traffic, other pods, another priority.
      silent: cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]") + "\n---\n"
        + cluster("ingress: [{action: Deny, from: [{namespaces: {}}], \(all80)}]", name: "b"),
      cluster(
        "ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{udp: {destinationPort: {number: 80}}}]}]"
      )
        + "\n---\n"
        + cluster("ingress: [{action: Accept, from: [{namespaces: {}}], \(all80)}]", name: "b"),
      cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]") + "\n---\n"
        + cluster(
          "ingress: [{action: Accept, from: [{namespaces: {}}]}]", name: "b",
          subject: "{namespaces: {matchLabels: {team: blue}}}"),
      cluster("ingress: [{action: Deny, from: [{namespaces: {}}]}]") + "\n---\n"
        + cluster("ingress: [{action: Accept, from: [{namespaces: {}}]}]", name: "b", priority: 2)),
  ]
}
