/// The kinds of objects that stand for pods: those of Kubernetes, and any other with a pod template at `spec.template`.
public struct WorkloadKinds: Sendable, Hashable {
  private var paths: [String: [String]] = [:]
  private var excluded: Set<String> = []

  /// The kinds of Kubernetes, and every kind with a pod template.
  public init() {}

  /// Takes one more choice: `KIND=FIELD.FIELD` says where a kind has its pod template, `KIND` alone that it is at
  /// `spec.template`, and `!KIND` that objects of the kind stand for no pods.
  ///
  /// - Parameter choice: the text.
  /// - Returns: false where the text is none of these.
  public mutating func add(_ choice: String) -> Bool {
    let isExclusion = choice.hasPrefix("!")
    let parts = (isExclusion ? choice.dropFirst() : choice[...])
      .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let kind = parts.first, !kind.isEmpty, kind.allSatisfy({ $0.isLetter || $0.isNumber }) else {
      return false
    }
    if isExclusion {
      excluded.insert(kind)
      return parts.count == 1
    }
    guard parts.count == 2 else {
      excluded.remove(kind)
      return true
    }
    let path = parts[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard path.count > 1, path[0] == "spec", path.allSatisfy({ !$0.isEmpty }) else { return false }
    paths[kind] = path
    return true
  }

  /// True where objects of a kind stand for no pods.
  func isExcluded(_ kind: String) -> Bool { excluded.contains(kind) }

  /// The fields that lead to the pod template of a kind that is none of Kubernetes' own; nil for one that is left out.
  func templatePath(ofKind kind: String) -> [String]? {
    isExcluded(kind) ? nil : paths[kind] ?? ["spec", "template"]
  }
}
