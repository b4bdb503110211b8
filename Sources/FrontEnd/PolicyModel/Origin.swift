public import Diagnostics

/// Where a value of the model was written: which source and place, and which field of its object.
public struct Origin: Sendable, Hashable {
  /// The place in the source.
  public let location: SourceLocation
  /// The field, as the API server spells it: `spec.ingress[0].from[1]`.
  public let field: String

  /// Of what no source has: objects that netpolc makes up to try something.
  public static let nowhere = Origin(SourceLocation(file: "", line: 0, column: 0), field: "")

  /// A place and a field.
  public init(_ location: SourceLocation, field: String) {
    self.location = location
    self.field = field
  }
}
