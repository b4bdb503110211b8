import Diagnostics
import Documents
import PolicyModel

/// The objects and findings of one source.
struct SourceReading: Sendable {
  var contents = ManifestContents()
  var networkPolicies: [NetworkPolicy] = []
  var diagnostics: [Diagnostic] = []
  var objects = 0
  var unenforced = UnenforcedPolicies()
  var leftOut = LeftOut()
  /// Where the reading had to stop.
  var faultOffset: Int?

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  mutating func append(_ other: SourceReading) {
    contents.append(other.contents)
    networkPolicies += other.networkPolicies
    diagnostics += other.diagnostics
    objects += other.objects
    unenforced.append(other.unenforced)
    leftOut.append(other.leftOut)
  }
}

extension DocumentReader where Cursor: ~Copyable {
  /// Reads to the end of the source.
  ///
  /// - Parameters:
  ///   - reading: takes the objects and findings.
  ///   - defaultType: the type of objects that do not say theirs.
  /// - Returns: types that came too late: with them the source must be read again. Nil where `reading` is complete.
  mutating func readSource(_ reading: inout SourceReading, defaultType: ObjectType? = nil) -> [Int:
    ObjectType]?
  {
    do {
      try readAll(defaultType: defaultType)
    } catch {
      reading.faultOffset = error.offset
      context.report(error)
    }
    let late = late.filter { known[$0.key] == nil }
    if !late.isEmpty { return late }
    reading.contents = contents
    reading.networkPolicies = networkPolicies
    reading.diagnostics = context.diagnostics
    reading.unenforced = unenforced
    reading.leftOut = leftOut
    reading.objects = objects
    return nil
  }
}
