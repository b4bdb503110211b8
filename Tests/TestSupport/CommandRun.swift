import Foundation
import Glibc

/// What a run of a command came to.
public struct CommandRun: Sendable {
  /// The exit status; 128 and the signal's number where a signal ended it.
  public let status: Int32
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errors: String

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - program: the path of the program.
  ///   - arguments: its arguments.
  ///   - input: what it reads from standard input.
  ///   - directory: where it runs; the package's directory if nil.
  ///   - limit: the time after which one that has not ended is ended, by SIGKILL. A test that waits for it cannot be.
  /// - Throws: when it cannot be started.
  public init(
    _ program: String, _ arguments: [String], input: String = "", in directory: String? = nil,
    limit: Duration = .seconds(25 * 60)
  ) throws {
    // Files, not pipes: nothing can fill up while nobody reads.
    let folder = try TemporaryFolder()
    let files = ["output", "errors"].map(folder.path)
    let process = try ChildProgram(
      program, arguments, in: directory ?? Fixtures.package.path(percentEncoded: false),
      input: folder.write("input", input), output: files[0], errors: files[1])
    let end = DispatchWorkItem { [weak process] in process?.send(SIGKILL, toGroup: true) }
    DispatchQueue.global().asyncAfter(
      deadline: .now() + .milliseconds(Int(limit / .milliseconds(1))), execute: end)
    status = process.statusAtEnd()
    end.cancel()
    output = String(decoding: try Data(contentsOf: URL(filePath: files[0])), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: URL(filePath: files[1])), as: UTF8.self)
  }

  /// Runs a program that is found on the path.
  ///
  /// - Throws: when `/usr/bin/env` cannot be started.
  public static func named(
    _ name: String, _ arguments: [String], input: String = "", in directory: String? = nil
  ) throws -> CommandRun {
    try CommandRun("/usr/bin/env", [name] + arguments, input: input, in: directory)
  }

  /// Runs netpolc.
  public static func netpolc(
    _ arguments: String..., input: String = "", in directory: String? = nil
  ) throws -> CommandRun {
    try CommandRun(BuiltProgram.netpolc, arguments, input: input, in: directory)
  }

  /// Runs a shell script in a network namespace of its own, with `netpolc` on the path. Needs root.
  public static func inNamespace(_ script: String, in directory: String? = nil) throws -> CommandRun {
    let folder = URL(filePath: BuiltProgram.netpolc).deletingLastPathComponent().path(percentEncoded: false)
    return try CommandRun(
      "/usr/bin/unshare", ["--net", "--", "/bin/sh", "-euc", "PATH=\(folder):$PATH\n" + script], in: directory
    )
  }
}

/// A folder of its own, gone with the value that holds it.
public final class TemporaryFolder: Sendable {
  private let url: URL

  /// Makes an empty folder where the system keeps such.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "netpolc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the folder.
  public func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

  /// Writes a file.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    let place = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: place)
    return place.path(percentEncoded: false)
  }

  /// Makes a symbolic link.
  public func link(_ name: String, to target: String) throws {
    let place = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: place.path(percentEncoded: false), withDestinationPath: target)
  }

  /// The names of the files in it, ascending.
  public var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false))) ?? []).sorted()
  }
}
