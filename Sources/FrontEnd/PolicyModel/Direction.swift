/// The way that traffic goes, seen from the pod that a policy selects (`networkingv1.PolicyType`).
public enum Direction: String, Sendable, Hashable, CaseIterable {
  /// To the pod.
  case ingress = "Ingress"
  /// From the pod.
  case egress = "Egress"
}
