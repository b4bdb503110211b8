/// Words for those who read a ruleset's text. They are printed as `#` lines and are no part of the kernel's state.
public struct Annotations: Sendable, Equatable {
  /// The lines at the top of the text.
  public var header: [String]
  /// A heading before the set, map or chain of this name: the start of a group.
  public var headings: [String: String]
  /// Lines before the set, map or chain of this name.
  public var remarks: [String: [String]]

  /// Creates annotations without any text.
  public init(header: [String] = [], headings: [String: String] = [:], remarks: [String: [String]] = [:]) {
    self.header = header
    self.headings = headings
    self.remarks = remarks
  }
}
