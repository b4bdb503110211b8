import Addresses
import PolicyModel

extension LabelSelector {
  /// True where labels that meet `other` surely meet this, as far as one condition alone shows it.
  func isImplied(by other: LabelSelector) -> Bool {
    requirements.allSatisfy { own in
      // Requirements ascend by their keys.
      let first = other.requirements.partitioningIndex { $0.key >= own.key }
      return other.requirements[first...].prefix { $0.key == own.key }.contains { given in
        if given == own { return true }
        switch given.relation {
        case .isIn: return given.values.allSatisfy { own.matches(Labels([Labels.Pair(own.key, $0)])) }
        case .doesNotExist: return own.matches(Labels())
        case .exists: return own.relation == .exists
        case .notIn: return own.relation == .notIn && Set(own.values).isSubset(of: given.values)
        }
      }
    }
  }
}
