import Diagnostics
import Documents
import KubernetesManifests

/// Sources that can be quoted. Small ones stay at hand; an inventory may be huge.
struct Quotations {
  private static let mostBytes = 1 << 22
  private let sources: [String: ManifestSource]

  /// The small ones of some sources; of two with one name the first.
  init(_ sources: [ManifestSource]) {
    self.sources = Dictionary(
      sources.filter(Self.canQuote).map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// True for a source that is small enough to be quoted.
  static func canQuote(_ source: ManifestSource) -> Bool { source.count <= mostBytes }

  /// The line of a place; nil where it cannot be quoted.
  func line(_ place: SourceLocation) -> String? { sources[place.file]?.line(place.line) }

  /// The lines of many places, or windows of them with the number of bytes before the window, each source read once.
  func excerpts(_ places: [SourceLocation]) -> [SourceLocation: (text: String, skipped: Int)] {
    var found: [SourceLocation: (text: String, skipped: Int)] = [:]
    for (file, places) in Dictionary(grouping: places, by: \.file) {
      found.merge(sources[file]?.excerpts(places) ?? [:]) { first, _ in first }
    }
    return found
  }

  /// The entries that begin at many places, whole, each source read once.
  func entries(_ places: [SourceLocation]) -> [SourceLocation: String] {
    var found: [SourceLocation: String] = [:]
    for (file, places) in Dictionary(grouping: places, by: \.file) {
      found.merge(sources[file]?.entries(places) ?? [:]) { first, _ in first }
    }
    return found
  }

  /// The lines of many places, each source read once.
  func lines(_ places: [SourceLocation]) -> [SourceLocation: String] {
    var found: [SourceLocation: String] = [:]
    for (file, places) in Dictionary(grouping: places, by: \.file) {
      guard let lines = sources[file]?.lines(places.map(\.line)) else { continue }
      for place in places { found[place] = lines[place.line] }
    }
    return found
  }
}
