/// The objects that install the agent on every node, or take it out.
public struct AgentManifest: Sendable {
  /// The agent's image.
  public let image: String
  /// True where it takes the plugin and the table out.
  public let isRemoval: Bool
  /// Further arguments of `run`.
  public let arguments: [String]

  /// Makes a manifest of its parts.
  public init(image: String, isRemoval: Bool = false, arguments: [String] = []) {
    self.image = image
    self.isRemoval = isRemoval
    self.arguments = arguments
  }

  /// The objects as YAML.
  public var text: String { isRemoval ? removal : account + rights + daemonSet }

  private var account: String {
    """
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: netpolc-agent
      namespace: kube-system
    ---

    """
  }

  private var rights: String {
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: netpolc-agent
    rules:
    - apiGroups: [""]
      resources: [pods, namespaces, nodes]
      verbs: [list, watch]
    - apiGroups: [networking.k8s.io]
      resources: [networkpolicies]
      verbs: [list, watch]
    - apiGroups: [policy.networking.k8s.io]
      resources: [clusternetworkpolicies]
      verbs: [list, watch]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: netpolc-agent
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: netpolc-agent
    subjects:
    - kind: ServiceAccount
      name: netpolc-agent
      namespace: kube-system
    ---

    """
  }

  private var daemonSet: String {
    let more = arguments.map { ", \(Self.quoted($0))" }.joined()
    return """
      \(Self.daemonSetHead)
        updateStrategy:
          type: RollingUpdate
          rollingUpdate: { maxUnavailable: 1, maxSurge: 0 }
        template:
          metadata:
            labels: { app.kubernetes.io/name: netpolc-agent }
          spec:
            serviceAccountName: netpolc-agent
            hostNetwork: true
            dnsPolicy: ClusterFirstWithHostNet
            priorityClassName: system-node-critical
            nodeSelector: { kubernetes.io/os: linux }
            tolerations:
            - operator: Exists
            terminationGracePeriodSeconds: 15
            containers:
            - name: install-cni
              image: \(Self.quoted(image))
              imagePullPolicy: IfNotPresent
              args: [install-cni, --keep]
              securityContext: *rootWithoutCapabilities
              resources:
                requests: { cpu: 5m, memory: 16Mi }
              volumeMounts:
              - { name: cni-bin, mountPath: /opt/cni/bin }
              - { name: cni-conf, mountPath: /etc/cni/net.d }
            - name: agent
              image: \(Self.quoted(image))
              imagePullPolicy: IfNotPresent
              args: [run\(more)]
              env:
              - name: NODE_NAME
                valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
              securityContext:
                runAsUser: 0
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities: { drop: [ALL], add: [NET_ADMIN] }
                seccompProfile: { type: RuntimeDefault }
              livenessProbe:
                exec: { command: [/usr/bin/netpolc-agent, probe, livez] }
                periodSeconds: 20
                timeoutSeconds: 5
              readinessProbe:
                exec: { command: [/usr/bin/netpolc-agent, probe, readyz] }
                periodSeconds: 5
                timeoutSeconds: 5
              resources:
                requests: { cpu: 50m, memory: 64Mi }
              volumeMounts:
              - { name: run, mountPath: /run/netpolc }
              - { name: library, mountPath: /var/lib/netpolc }
            volumes:
      \(Self.volumes)
      """.replacing("*rootWithoutCapabilities", with: Self.plainRoot)
  }

  private static let plainRoot =
    "{ runAsUser: 0, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }"

  /// The first lines of both daemon sets, which have one name: the removal takes the agent's place.
  private static let daemonSetHead = """
    apiVersion: apps/v1
    kind: DaemonSet
    metadata:
      name: netpolc-agent
      namespace: kube-system
      labels: { app.kubernetes.io/name: netpolc-agent }
    spec:
      selector:
        matchLabels: { app.kubernetes.io/name: netpolc-agent }
    """

  private var removal: String {
    """
    \(Self.daemonSetHead)
      template:
        metadata:
          labels: { app.kubernetes.io/name: netpolc-agent }
        spec:
          hostNetwork: true
          automountServiceAccountToken: false
          priorityClassName: system-node-critical
          nodeSelector: { kubernetes.io/os: linux }
          tolerations:
          - operator: Exists
          # Not ready before it is done: `kubectl rollout status` waits for it.
          initContainers:
          - name: uninstall
            image: \(Self.quoted(image))
            imagePullPolicy: IfNotPresent
            args: [uninstall-cni, --table]
            securityContext:
              runAsUser: 0
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: { drop: [ALL], add: [NET_ADMIN] }
            volumeMounts:
            - { name: run, mountPath: /run/netpolc }
            - { name: cni-bin, mountPath: /opt/cni/bin }
            - { name: cni-conf, mountPath: /etc/cni/net.d }
          containers:
          - name: done
            image: \(Self.quoted(image))
            imagePullPolicy: IfNotPresent
            args: [uninstall-cni, --stay]
            securityContext: \(Self.plainRoot)
            volumeMounts:
            - { name: cni-bin, mountPath: /opt/cni/bin }
            - { name: cni-conf, mountPath: /etc/cni/net.d }
          volumes:
    \(Self.volumes)
    """
  }

  /// The places on the host, as entries of a pod's `volumes`.
  private static let volumes = [
    ("run", "/run/netpolc"), ("library", "/var/lib/netpolc"), ("cni-bin", "/opt/cni/bin"),
    ("cni-conf", "/etc/cni/net.d"),
  ].map { name, path in
    "      - name: \(name)\n        hostPath: { path: \(path), type: DirectoryOrCreate }\n"
  }.joined()

  /// A text as a YAML string.
  private static func quoted(_ text: String) -> String {
    "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}
