import Foundation
import TestSupport
import Testing

/// A network namespace of its own, gone when `with` returns, in which the nft program is run.
struct Kernel {
  private let name: String

  static func with<Result>(_ body: (Kernel) throws -> Result) throws -> Result {
    let name = "ruleset-text-\(UUID().uuidString.prefix(13))"
    let made = try run("/sbin/ip", ["netns", "add", name])
    try #require(made.status == 0, "\(made.errors)")
    defer { _ = try? run("/sbin/ip", ["netns", "del", name]) }
    return try body(Kernel(name: name))
  }

  /// Runs nft in the namespace.
  func nft(_ arguments: [String], input: String = "") throws -> CommandRun {
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

  private static func run(_ program: String, _ arguments: [String], input: String = "") throws -> CommandRun {
    try CommandRun(program, arguments, input: input)
  }
}
