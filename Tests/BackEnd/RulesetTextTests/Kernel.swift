import Foundation
import Testing

/// A network namespace of its own, gone when `with` returns, in which the nft program is run.
struct Kernel {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  private let name: String

  static func with<Result>(_ body: (Kernel) throws -> Result) throws -> Result {
    let name = "ruleset-text-\(UUID().uuidString.prefix(13))"
    let made = try run("/sbin/ip", ["netns", "add", name])
    try #require(made.status == 0, "\(made.errors)")
    defer { _ = try? run("/sbin/ip", ["netns", "del", name]) }
    return try body(Kernel(name: name))
  }

  /// Runs nft in the namespace.
  func nft(_ arguments: [String], input: String = "") throws -> Outcome {
    try Self.run("/sbin/ip", ["netns", "exec", name, "nft"] + arguments, input: input)
  }

  /// Loads text, or JSON with `-j`; the test fails where nft refuses it.
  func load(_ text: String, json: Bool = false, _ location: Testing.SourceLocation = #_sourceLocation) throws
  {
    let outcome = try nft(json ? ["-j", "-f", "-"] : ["-f", "-"], input: text)
    #expect(outcome.status == 0, "\(outcome.errors)\n\(text)", sourceLocation: location)
  }

  /// `nft -s list ruleset`
  func listing() throws -> String { try nft(["-s", "list", "ruleset"]).output }

  private static func run(_ program: String, _ arguments: [String], input: String = "") throws -> Outcome {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let files = try ["in", "out", "err"].map { file in
      let url = directory.appendingPathComponent(file)
      try Data(file == "in" ? Array(input.utf8) : []).write(to: url)
      return url
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
  }
}
