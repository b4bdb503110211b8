import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Instructions are counted, not time: a count is the same on a busy machine. Budgets are what a release build took when
/// they were written; a phase that takes twice as much has become grossly slower.
@Suite("Instructions of the hot phases", .serialized, .bounded)
struct InstructionTests {
  /// Millions of instructions for a hundred pods and twenty policies.
  private static let budgets: [(phase: String, millions: Double)] = [
    ("read", 9.3), ("resolve", 0.46), ("findings", 0.36), ("digests", 3.7), ("lower", 4.8), ("print", 4.6),
    ("specification", 1.7), ("proof", 12), ("diff", 4.2), ("lint", 4.0),
  ]

  /// Debug code has other costs than what people run.
  private static let program = Fixtures.package.appending(path: ".build/release/netpolc-bench")
    .path(percentEncoded: false)

  private static let canCount: Bool = {
    #if os(Linux) && arch(x86_64)
      access("/usr/bin/valgrind", X_OK) == 0 && access(program, X_OK) == 0
    #else
      false
    #endif
  }()

  /// The instructions of a process that does the phase so many times.
  private func instructions(_ phase: String, times: Int) throws -> Double {
    // valgrind gives up on the debug information that Swift writes.
    let folder = try TemporaryFolder()
    let program = folder.path("netpolc-bench")
    try #require(
      try CommandRun("/usr/bin/strip", ["--strip-debug", "-o", program, Self.program]).status == 0)
    let run = try CommandRun(
      "/usr/bin/env",
      [
        "SWIFT_DETERMINISTIC_HASHING=1", "/usr/bin/valgrind", "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
        program, "repeat", phase, "--times", String(times),
      ])
    try #require(run.status == 0, "\(run.errors)")
    let text = run.errors
    let collected = try #require(text.split(separator: "\n").last { $0.contains("Collected :") }, "\(text)")
    return try #require(collected.split(separator: " ").last.flatMap { Double($0) }, "\(collected)")
  }

  @Test(
    "A phase takes no more than twice its budget",
    .enabled(if: canCount, "needs valgrind, which counts instructions, and `swift build -c release` before"),
    arguments: budgets)
  func budget(phase: String, millions: Double) throws {
    // What the program does besides is in both.
    let once = (try instructions(phase, times: 3) - instructions(phase, times: 1)) / 2 / 1e6
    #expect(once <= 2 * millions, "\(phase): \(once) million instructions, budgeted \(millions)")
    #expect(once > 0)
  }
}
