public import Foundation

/// The files under `Fixtures/` that tests read.
public enum Fixtures {
  /// The package's directory.
  public static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// `Fixtures/`.
  public static let directory = package.appending(path: "Fixtures")

  /// The path of a fixture.
  public static func path(_ name: String) -> String {
    directory.appending(path: name).path(percentEncoded: false)
  }

  /// The text of a fixture.
  public static func text(_ name: String) throws -> String {
    try String(contentsOf: directory.appending(path: name), encoding: .utf8)
  }

  /// The names of a fixture folder's subfolders, ascending.
  public static func folders(in name: String) -> [String] {
    let found = try? FileManager.default.contentsOfDirectory(
      at: directory.appending(path: name), includingPropertiesForKeys: [.isDirectoryKey])
    return (found ?? []).filter(\.hasDirectoryPath).map(\.lastPathComponent).sorted()
  }
}

/// A file whose whole content a test expects, byte for byte.
///
/// A missing one is recorded *and* fails, so that nobody records by accident; `NETPOLC_RECORD=1` rewrites them
/// all, for a reviewer to read. In CI nothing is recorded. What was found instead is written beside, as `.actual`.
public struct Golden {
  let url: URL

  /// The golden file of a name below `Fixtures/`.
  public init(_ name: String) { url = Fixtures.directory.appending(path: name) }

  /// Nil where `text` is what the file holds; otherwise what to tell.
  public func difference(from text: String) -> String? {
    let environment = ProcessInfo.processInfo.environment
    let expected = try? String(contentsOf: url, encoding: .utf8)
    if expected == text { return nil }
    let inCI = environment["CI"] != nil
    if environment["NETPOLC_RECORD"] == "1", !inCI {
      try? Data(text.utf8).write(to: url)
      return nil
    }
    guard let expected else {
      if !inCI { try? Data(text.utf8).write(to: url) }
      return
        "\(url.lastPathComponent) was missing\(inCI ? "" : "; it is recorded now: read it and run again")"
    }
    if !inCI { try? Data(text.utf8).write(to: url.appendingPathExtension("actual")) }
    let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }
    let line = first.map { "line \($0.offset + 1):\n  expected \($0.element.0)\n  found    \($0.element.1)" }
    return
      "\(url.path(percentEncoded: false)) differs: \(line ?? "\(old.count) lines expected, \(new.count) found")"
  }
}
