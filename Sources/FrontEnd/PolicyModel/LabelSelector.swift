import Addresses

/// A label query over a set of resources (`metav1.LabelSelector`). The empty selector matches everything.
///
/// Canonical: `matchLabels` has become `In` with one value, the requirements are sorted and each stands once, so
/// that two selectors that are written differently but say the same in this sense are equal values.
public struct LabelSelector: Sendable, Hashable {
  /// The relation between a key and its values (`metav1.LabelSelectorOperator`).
  public enum Operator: String, Sendable, Hashable, CaseIterable {
    /// The label is there and its value is listed.
    case isIn = "In"
    /// The label is missing, or its value is not listed.
    case notIn = "NotIn"
    /// The label is there.
    case exists = "Exists"
    /// The label is missing.
    case doesNotExist = "DoesNotExist"
  }

  /// One condition on one key (`metav1.LabelSelectorRequirement`).
  public struct Requirement: Sendable, Hashable {
    /// The label's key.
    public let key: String
    /// The relation of the key to the values.
    public let relation: Operator
    /// The values, ascending, each once; empty for `exists` and `doesNotExist`.
    public let values: [String]

    /// A condition; the values may come in any order.
    public init(_ key: String, _ relation: Operator, _ values: [String] = []) {
      self.key = key
      self.relation = relation
      self.values = Set(values).sorted()
    }

    /// True where a value is listed. O(log n).
    func lists(_ value: String) -> Bool {
      if values.count <= 16 { return values.contains(value) }
      let place = values.partitioningIndex { $0 >= value }
      return place < values.count && values[place] == value
    }

    /// True where the labels meet the condition. `NotIn` and `DoesNotExist` are met by a missing key.
    public func matches(_ labels: Labels) -> Bool {
      let value = labels[key]
      return switch relation {
      case .isIn: value.map(lists) ?? false
      case .notIn: !(value.map(lists) ?? false)
      case .exists: value != nil
      case .doesNotExist: value == nil
      }
    }
  }

  /// The conditions, all of which must be met, in canonical order.
  public let requirements: [Requirement]

  /// A selector of all the given conditions; of none: everything.
  public init(_ requirements: [Requirement] = []) {
    self.requirements = Set(requirements).sorted {
      if $0.key != $1.key { return $0.key < $1.key }
      if $0.relation != $1.relation { return $0.relation.rawValue < $1.relation.rawValue }
      return $0.values.lexicographicallyPrecedes($1.values)
    }
  }

  /// A selector of labels that must have just these values.
  public init(matchLabels labels: Labels) {
    self.init(labels.pairs.map { Requirement($0.key, .isIn, [$0.value]) })
  }

  /// True where the selector is `{}`, which matches everything.
  public var isEverything: Bool { requirements.isEmpty }

  /// True where the labels meet every condition.
  public func matches(_ labels: Labels) -> Bool { requirements.allSatisfy { $0.matches(labels) } }
}

extension LabelSelector: CustomStringConvertible {
  /// As `kubectl -l` takes it: `app=web,tier in (a,b),!legacy`; `{}` for everything.
  public var description: String {
    if isEverything { return "{}" }
    return requirements.map { requirement in
      let list = requirement.values.joined(separator: ",")
      return switch requirement.relation {
      case .isIn where requirement.values.count == 1: "\(requirement.key)=\(list)"
      case .notIn where requirement.values.count == 1: "\(requirement.key)!=\(list)"
      case .isIn: "\(requirement.key) in (\(list))"
      case .notIn: "\(requirement.key) notin (\(list))"
      case .exists: requirement.key
      case .doesNotExist: "!\(requirement.key)"
      }
    }.joined(separator: ",")
  }
}
