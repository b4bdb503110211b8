/// A value of a document with its place, whole: for objects that are small and read strictly.
public struct SourceNode {
  /// A member of an object.
  public struct Member {
    /// The key of the member.
    public let key: String
    /// The byte where the key begins.
    public let keyOffset: Int
    /// The value of the member.
    public let value: SourceNode
  }

  /// The value by its notation.
  public enum Content {
    /// The members of an object, in the order written.
    case object([Member])
    /// The entries of a list.
    case list([SourceNode])
    /// The text of a scalar, and its kind by its notation.
    case scalar(String, ScalarKind)
    /// Something that was refused with a finding.
    case refused
  }

  /// The byte where it begins.
  public let offset: Int
  /// The value of the member.
  public let content: Content

  /// True where it is null, which means the same as absent.
  public var isNull: Bool {
    if case .scalar(_, .null) = content { true } else { false }
  }
}
