/// Examples of rules about nodes.
extension LintExample {
  /// A node with one pod, as two more documents.
  static let node = """

    ---
    kind: Node
    apiVersion: v1
    metadata: {name: n1}
    status: {addresses: [{type: InternalIP, address: 192.168.7.1}]}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: cron, namespace: shop, labels: {app: cron}}
    spec: {nodeName: n1, containers: [{name: c}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.9}]}
    """

  private static let cron = "podSelector: {matchLabels: {app: cron}}, policyTypes: [Egress]"

  static let ofNodes: [LintExample] = [
    LintExample(
      "own-node-excepted",
      fires: policy(
        "{\(cron), egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [192.168.0.0/16]}}]}]}") + node,
      // Another node's address; no such pod; the node's address is outside of the block; ingress.
      silent: policy(
        "{\(cron), egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [192.168.8.0/24]}}]}]}") + node,
      policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [192.168.7.1/32]}}]}]}"
      )
        + node,
      policy("{\(cron), egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}") + node,
      policy(
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [192.168.7.1/32]}}]}]}")
        + node
    ),
    LintExample(
      "egress-by-other-source", fires: policy("{\(web), policyTypes: [Egress]}"),
      silent: policy("{\(web), policyTypes: [Ingress]}")),
  ]
}
