/// A value of a document with its place, whole: for objects that are small and read strictly.
package struct SourceNode {
  /// A member of an object.
  package struct Member {
    /// The key of the member.
    package let key: String
    /// The byte where the key begins.
    package let keyOffset: Int
    /// The value of the member.
    package let value: SourceNode
  }

  /// The value by its notation.
  package enum Content {
    case object([Member])
    case list([SourceNode])
    case scalar(String, ScalarKind)
    /// Something that was refused with a finding.
    case refused
  }

  /// The byte where it begins.
  package let offset: Int
  /// The value of the member.
  package let content: Content

  /// True where it is null, which means the same as absent.
  package var isNull: Bool {
    if case .scalar(_, .null) = content { true } else { false }
  }
}
