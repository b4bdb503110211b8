/// A namespace (`corev1.Namespace`).
public struct Namespace: Sendable, Hashable {
  /// The label that every namespace carries, whose value is its name.
  public static let nameLabel = "kubernetes.io/metadata.name"

  /// The name of the namespace.
  public let name: String
  /// The labels, as written.
  public let labels: Labels
  /// Where it was written; nil for one that is only named by pods or policies.
  public let origin: Origin?

  /// Creates a namespace.
  public init(name: String, labels: Labels = Labels(), origin: Origin? = nil) {
    self.name = name
    self.labels = labels
    self.origin = origin
  }

  /// The labels as the API server has them: always with the name label.
  var effectiveLabels: Labels {
    labels[Self.nameLabel] == name ? labels : labels.setting(Self.nameLabel, to: name)
  }
}
