import Foundation

/// A file that is gone when nobody refers to it any more.
final class TemporaryFile: Sendable {
  let path: String

  init(_ text: String) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "netpolc-\(UUID().uuidString)").path()
    try write(text)
  }

  /// Exchanges the content as a whole.
  func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
