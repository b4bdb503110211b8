public import Addresses
import Wording

/// One side of a connection.
public enum EndpointGroup: Sendable, Hashable {
  /// Pods: a description, and their names, ascending.
  case pods(description: String, names: [String])
  /// Addresses that are no pod's in either revision: the blocks, pods' addresses in them not meant.
  case outside([CIDR])

  /// `default app=hello (3 pods)`, `outside 10.0.0.0/8`.
  public var description: String {
    switch self {
    case .pods(let description, _): description
    case .outside(let blocks): "outside \(BlockWords.describe(blocks))"
    }
  }

  /// The number of pods; 0 for addresses outside.
  public var podCount: Int {
    if case .pods(_, let names) = self { names.count } else { 0 }
  }

  /// True where this is not made of pods.
  public var isOutside: Bool {
    if case .outside = self { true } else { false }
  }
}
