public import ArgumentParser
import CLinux
import Foundation
public import FuzzTargets

/// Gives a parser damaged inputs by the million.
#if !NETPOLC_GUIDED
  @main
#endif
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netpolc-fuzz",
    abstract: "Give a parser damaged inputs, and see whether it keeps its word.",
    discussion: """
      Each input is decided by the corpus, the seed and its number. The number of the input at hand stands in the file \
      of --at, so that after a crash, a hang (ended by SIGALRM) or too much memory `--only NUMBER` does it again, and \
      `--print` shows it.

      TARGET: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))
      """)

  @Argument(help: "The parser.")
  var target: FuzzTarget

  @Argument(help: "Files and folders of whole inputs. (default: those below Fixtures)")
  var corpus: [String] = []

  @Option(help: "How many inputs.")
  var runs: UInt64 = 100_000

  @Option(help: "What the inputs are decided by.")
  var seed: UInt64 = 1

  @Option(help: "Only the input of this number.")
  var only: UInt64?

  @Flag(help: "Print the input of --only instead of reading it.")
  var print = false

  @Flag(help: "Read the whole inputs as they are, and no others.")
  var replay = false

  @Option(help: "The longest that one input may take, in seconds.")
  var seconds: UInt32 = 10

  @Option(help: "The most memory that the process may have, in megabytes.")
  var memory: UInt64 = 1024

  @Option(help: "The file that holds the number of the input at hand.")
  var at: String?

  func run() throws {
    let files = corpus.isEmpty ? target.corpus(in: "Fixtures") : FuzzCorpus.files(corpus)
    let mutator = InputMutator(corpus: try FuzzCorpus.read(files), seed: seed)
    if let only, print {
      FileHandle.standardOutput.write(Data(mutator.input(only)))
      return
    }
    var limit = rlimit(rlim_cur: rlim_t(memory << 20), rlim_max: rlim_t(memory << 20))
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    if replay {
      for file in files {
        alarm(seconds)
        try check(try FuzzCorpus.read(file), file)
      }
      return
    }
    let numbers = only.map { $0..<($0 + 1) } ?? 0..<runs
    let place = at.map { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600) }
    var bytes = 0
    let clock = ContinuousClock()
    let start = clock.now
    var longest: (duration: Duration, number: UInt64) = (.zero, 0)
    for number in numbers {
      if let place {
        let text = String(number) + "\n"
        _ = text.withCString { pwrite(place, $0, text.utf8.count, 0) }
      }
      let input = mutator.input(number)
      alarm(seconds)
      let began = clock.now
      try check(input, "--seed \(seed) --only \(number)")
      let took = clock.now - began
      if took > longest.duration { longest = (took, number) }
      bytes += input.count
    }
    alarm(0)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let rate = Double(numbers.count) / max((clock.now - start) / .seconds(1), 0.001)
    Swift.print(
      "\(target.rawValue): \(numbers.count) inputs of seed \(seed), \(bytes >> 20) MB, \(Int(rate)) a second; "
        + "the longest \(longest.duration) (number \(longest.number)); peak \(usage.ru_maxrss >> 10) MB")
  }

  /// Ends the program where the target does not keep its word.
  private func check(_ input: [UInt8], _ name: String) throws {
    guard let problem = target.violation(input) else { return }
    FileHandle.standardError.write(Data("netpolc-fuzz: \(target.rawValue) \(name): \(problem)\n".utf8))
    throw ExitCode.failure
  }
}

extension FuzzTarget: ExpressibleByArgument {}
