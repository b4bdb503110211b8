public import PolicyModel

/// One thing that a policy asks of a pod: labels of its own, and of its namespace.
public struct LabelCondition: Hashable {
  /// The labels of the pod.
  public var pod: LabelSelector
  /// The labels of its namespace.
  public var namespace: LabelSelector

  /// A condition on a pod, and on its namespace where one is given.
  public init(pod: LabelSelector, namespace: LabelSelector = LabelSelector()) {
    (self.pod, self.namespace) = (pod, namespace)
  }
}

/// The labels that pods to come can have, as far as some conditions distinguish them.
///
/// Key by key, every value that a condition mentions, one that none does, and no value at all; what is kept is which
/// conditions can still be met, once each, so that the work grows with what can be distinguished and not with the
/// combinations of labels. Nothing that can be distinguished is left out.
public struct LabelCells {
  /// Labels of a pod and of its namespace, of the simplest kind that meets just some of the conditions.
  public struct Cell: Hashable {
    /// The labels of the pod besides those that were given.
    public var extra: [Labels.Pair] = []
    /// The namespace's labels, where it is one to come.
    public var namespace: [Labels.Pair] = []
  }

  /// The known properties of a future namespace.
  public struct OpenNamespace {
    /// The labels that it certainly has.
    public let labels: Labels
    /// Names that it cannot have.
    public let taken: Set<String>

    /// A namespace with these labels, whatever else it carries, and none of these names.
    public init(labels: Labels, taken: Set<String>) { (self.labels, self.taken) = (labels, taken) }
  }

  private enum Owner: Hashable { case pod, namespace }
  private struct Slot: Hashable {
    let owner: Owner
    let key: String
  }

  private let conditions: [LabelCondition]
  private let given: Labels
  private let namespace: OpenNamespace?

  /// Collects the data of a matrix.
  /// - Parameters:
  ///   - conditions: what policies ask. What they ask of a namespace counts only where it is open.
  ///   - given: labels that the pod certainly has.
  ///   - namespace: nil where the namespace is known, and the conditions have been asked about it.
  public init(_ conditions: some Sequence<LabelCondition>, given: Labels, namespace: OpenNamespace?) {
    self.conditions = Array(Set(conditions))
    self.given = given
    self.namespace = namespace
  }

  /// The cells, those with the fewest labels first; nil if there are more than `limit`.
  public func cells(limit: Int) -> [Cell]? {
    var requirements: [Slot: [(condition: Int, requirement: LabelSelector.Requirement)]] = [:]
    for (index, condition) in conditions.enumerated() {
      for requirement in condition.pod.requirements {
        requirements[Slot(owner: .pod, key: requirement.key), default: []].append((index, requirement))
      }
      guard namespace != nil else { continue }
      for requirement in condition.namespace.requirements {
        requirements[Slot(owner: .namespace, key: requirement.key), default: []].append((index, requirement))
      }
    }
    let words = (conditions.count + 63) / 64
    var chain = LabelChain()
    var states: [[UInt64]: LabelChain.Place] = [Array(repeating: .max, count: words): chain.empty]
    for (slot, asked) in requirements.sorted(by: { $0.key.key < $1.key.key }) {
      let choices = Self.masks(of: values(slot, asked.flatMap(\.requirement.values)), slot.key, asked, words)
      let isPod = slot.owner == .pod
      let isGiven = isPod && given[slot.key] != nil
      var next: [[UInt64]: LabelChain.Place] = [:]
      for (state, cell) in states {
        for (value, mask) in choices {
          let reached = zip(state, mask).map { $0 & $1 }
          let label = isGiven ? nil : value.map { Labels.Pair(slot.key, $0) }
          if let known = next[reached], chain.isSimpler(known, than: cell, with: label, isPod: isPod) {
            continue
          }
          next[reached] = chain.place(cell, with: label, isPod: isPod)
          if next.count > limit { return nil }
        }
      }
      states = next
    }
    return states.values.map(chain.cell).sorted { LabelChain.isSimpler($0, $1) }
  }

  /// For each value of a key a bit for each condition, which is 1 where the condition may still be met. O(values · words, and the
  /// values that are listed).
  private static func masks(
    of values: [String?], _ key: String,
    _ asked: [(condition: Int, requirement: LabelSelector.Requirement)], _ words: Int
  ) -> [(value: String?, mask: [UInt64])] {
    let requirements = Dictionary(grouping: asked, by: \.condition).mapValues { $0.map(\.requirement) }
    var listing: [String: Set<Int>] = [:]
    for (condition, requirement) in asked {
      for value in requirement.values { listing[value, default: []].insert(condition) }
    }
    func isMet(_ condition: Int, _ labels: Labels) -> Bool {
      (requirements[condition] ?? []).allSatisfy { $0.matches(labels) }
    }
    func mask(_ labels: Labels) -> [UInt64] {
      var mask: [UInt64] = Array(repeating: .max, count: words)
      for condition in requirements.keys where !isMet(condition, labels) {
        mask[condition / 64] &= ~(1 << UInt64(condition % 64))
      }
      return mask
    }
    // Conditions that do not list a value say of it what they say of one that none lists.
    var unlisted = "unlisted"
    while listing[unlisted] != nil { unlisted += "-1" }
    let (absent, other) = (mask(Labels()), mask(Labels([Labels.Pair(key, unlisted)])))
    return values.map { value in
      guard let value else { return (nil, absent) }
      var mask = other
      for condition in listing[value] ?? [] {
        let bit: UInt64 = 1 << UInt64(condition % 64)
        if isMet(condition, Labels([Labels.Pair(key, value)])) {
          mask[condition / 64] |= bit
        } else {
          mask[condition / 64] &= ~bit
        }
      }
      return (value, mask)
    }
  }

  /// The values that can make a difference; nil is the label's absence.
  private func values(_ slot: Slot, _ mentioned: [String]) -> [String?] {
    let known = slot.owner == .pod ? given[slot.key] : namespace?.labels[slot.key]
    if let known { return [known] }
    var other = "other"
    while mentioned.contains(other) || namespace?.taken.contains(other) == true { other += "-1" }
    let all = Set(mentioned).sorted() + [other]
    if slot.owner == .namespace, slot.key == Namespace.nameLabel {
      return all.filter { namespace?.taken.contains($0) != true }
    }
    return [nil] + all
  }
}
