public import Diagnostics
import PolicyModel
import Wording

/// A policy of another project, which netpolc does not enforce.
public struct UnenforcedPolicy: Sendable, Hashable {
  /// The kind of the object.
  public let kind: String
  /// The place of its kind in the source.
  public let location: SourceLocation
}

/// The policies of other projects that were read and left out: verdicts without them must not look whole.
struct UnenforcedPolicies: Sendable {
  private struct Entry: Sendable {
    var count: Int
    let location: SourceLocation
    let line: String?
  }

  private var entries: [ObjectType: Entry] = [:]
  /// The kind and the place of each, in reading order.
  private(set) var places: [UnenforcedPolicy] = []

  /// True where there are none.
  var isEmpty: Bool { entries.isEmpty }

  /// Adds an object; of each kind and group only the first place is kept.
  mutating func add(_ type: ObjectType, at location: SourceLocation, line: String?) {
    entries[Self.key(type), default: Entry(count: 0, location: location, line: line)].count += 1
    places.append(UnenforcedPolicy(kind: type.kind ?? "", location: location))
  }

  /// Adds those of another source.
  mutating func append(_ other: UnenforcedPolicies) {
    places += other.places
    entries.merge(other.entries) { first, second in
      var sum = first
      sum.count += second.count
      return sum
    }
  }

  /// One warning for each kind and group, with the number of its objects, at the first of them; the formats are those that
  /// are read.
  func diagnostics(_ formats: [PolicyFormat]) -> [Diagnostic] {
    let read = formats.filter { !$0.isEarlier }.map { "\($0.kind.rawValue) of \($0.group)" }
    return entries.map { type, entry in
      let (kind, group) = (type.kind ?? "", type.apiVersion ?? "")
      let verb = Counting.agree(entry.count, "is", "are")
      return Diagnostic(
        .warning, id: "policies-not-enforced", at: entry.location, field: "kind",
        "\(Counting.of(entry.count, kind)) of \(group) \(verb) left out: netpolc enforces \(Counting.list(read)) only, and no verdict takes account of what others allow or deny",
        sourceLine: entry.line)
    }
  }

  /// The kind and the group in place of the version.
  private static func key(_ type: ObjectType) -> ObjectType {
    ObjectType(apiVersion: type.group.isEmpty ? "the core group" : type.group, kind: type.kind)
  }
}
