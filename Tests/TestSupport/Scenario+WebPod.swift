extension Scenario {
  /// The web pod, a client and a stranger on `node-a`, with addresses of both families. The web pod takes TCP 8080 and UDP 5353
  /// from the client, and sends nothing of its own accord.
  public static let webPod = """
    {apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {nodeName: node-a},
     status: {phase: Running, podIPs: [{ip: 10.244.1.1}, {ip: "fd00:10:244:1::1"}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: client, labels: {app: client}}, spec: {nodeName: node-a},
     status: {phase: Running, podIPs: [{ip: 10.244.1.2}, {ip: "fd00:10:244:1::2"}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {name: stranger, labels: {app: stranger}}, spec: {nodeName: node-a},
     status: {phase: Running, podIPs: [{ip: 10.244.1.3}, {ip: "fd00:10:244:1::3"}]}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web}
    spec:
      podSelector: {matchLabels: {app: web}}
      policyTypes: [Ingress, Egress]
      ingress:
      - from: [{podSelector: {matchLabels: {app: client}}}]
        ports: [{port: 8080}, {port: 5353, protocol: UDP}]

    """
}
