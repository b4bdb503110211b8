import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Programs that tests start", .bounded)
struct ChildProgramTests {
  private func shell(_ script: String, input: String = "") throws -> CommandRun {
    try CommandRun("/bin/sh", ["-c", script], input: input)
  }

  @Test("more than a pipe holds on each stream, and from standard input")
  func large() throws {
    let input = String(repeating: "i", count: 1_000_000)
    let run = try shell("tee /dev/stderr | tr i o", input: input)
    #expect(run.status == 0)
    #expect(run.output == String(repeating: "o", count: 1_000_000))
    #expect(run.errors == input)
  }

  @Test(
    "the status of an end",
    arguments: [("exit 0", Int32(0)), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -TERM $$", 143)])
  func statuses(script: String, status: Int32) throws {
    #expect(try shell(script).status == status)
  }

  @Test("a program that is not there, and a directory that is not there")
  func absent() {
    #expect(throws: ChildProgram.Failure.self) { try ChildProgram("/nowhere/program", []) }
    #expect(throws: ChildProgram.Failure.self) { try ChildProgram("true", [], in: "/nowhere") }
    #expect(throws: ChildProgram.Failure.self) { try ChildProgram("true", [], input: "/nowhere/input") }
  }

  @Test("no open file, no blocked signal and no ignored one is inherited; the group is its own")
  func inherited() throws {
    let open = open("/dev/null", O_RDONLY)
    defer { close(open) }
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    // The fourth file is the directory that ls reads. A shell that waits blocks signals itself.
    let run = try shell(
      "ls /proc/self/fd; grep -E 'SigBlk|SigIgn' /proc/self/status; ps -o pgid= $$; echo $$")
    let words = run.output.split(whereSeparator: \.isWhitespace)
    #expect(words.prefix(4) == ["0", "1", "2", "3"], "\(run.output)")
    // Signals 32 and 33 are the C library's own, which it lets nobody change.
    let masks = words.dropFirst(4).prefix(4).compactMap { UInt64($0, radix: 16) }.map { $0 & ~(3 << 31) }
    #expect(masks == [0, 0], "\(run.output)")
    #expect(words.count == 10 && words[8] == words[9], "\(run.output)")
  }

  @Test("variables are beside those of the tests, and count before them")
  func variables() throws {
    let folder = try TemporaryFolder()
    try ChildProgram(
      "sh", ["-c", "echo $OWN; echo $HOME; pwd"], variables: ["OWN": "a b=c", "HOME": "/h"], in: "/",
      output: folder.path("output")
    ).statusAtEnd()
    #expect(try String(contentsOfFile: folder.path("output"), encoding: .utf8) == "a b=c\n/h\n/\n")
  }

  @Test("the end of a program is known while one that it started still runs")
  func left() throws {
    let run = try shell("sleep 3600 & echo $!; exit 3")
    #expect(run.status == 3)
    let left = try #require(Int32(run.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(isRunning(left))
    kill(left, SIGKILL)
  }

  @Test("a program ends with the value that holds it, and with it what it started")
  func held() async throws {
    let folder = try TemporaryFolder()
    var program: ChildProgram? = try ChildProgram(
      "sh", ["-c", "sleep 3600 & echo $! >started; wait"], in: folder.path(""))
    var started: Int32?
    while started == nil {
      let text = try? String(contentsOfFile: folder.path("started"), encoding: .utf8)
      started = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      await OwnThread.pause(.milliseconds(10))
    }
    let (leader, child) = (try #require(program).identifier, try #require(started))
    #expect(program?.isRunning == true)
    program = nil
    #expect(kill(leader, 0) != 0)
    for _ in 0..<500 where isRunning(child) { await OwnThread.pause(.milliseconds(10)) }
    #expect(!isRunning(child))
    kill(child, SIGKILL)
  }

  @Test("a program that does not end is ended at its limit")
  func endless() throws {
    let run = try CommandRun("/bin/sh", ["-c", "echo said; sleep 3600 & wait"], limit: .seconds(1))
    #expect(run.status == 128 + SIGKILL)
    #expect(run.output == "said\n")
  }

  /// True while a process is there and is no zombie, which only its parent can take away.
  private func isRunning(_ process: Int32) -> Bool {
    guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let state = line.split(separator: ")").last?.split(separator: " ").first
    else { return false }
    return state != "Z"
  }
}
