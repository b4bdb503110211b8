import ArgumentParser
import Review

/// How a difference is written.
enum DiffFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a terminal.
  case text
  /// For programs; its schema is docs/schemas/diff.schema.json.
  case json

  /// The difference in this format.
  func text(_ diff: ConnectivityDiff, _ revisions: RevisionNames) -> String {
    switch self {
    case .text: TextDiff(diff, style: Terminal.style).text
    case .json: JSONDiff.text(diff)
    }
  }
}

/// What a person calls the two revisions.
struct RevisionNames {
  /// The one before.
  let old: String
  /// The one after.
  let new: String
}
