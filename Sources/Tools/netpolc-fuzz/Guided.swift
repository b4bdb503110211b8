// Built by .ci/fuzz only, with libFuzzer and its instrumentation.
#if NETPOLC_GUIDED
  import Foundation
  import FuzzTargets

  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  /// `netpolc-fuzz TARGET ARGUMENT...`: libFuzzer with its own arguments, on whole inputs below Fixtures. An input that a
  /// parser does not keep its word with ends the program, which libFuzzer takes for a crash.
  @main
  enum Guided {
    /// The parser; libFuzzer's callback can capture nothing.
    nonisolated(unsafe) private static var target = FuzzTarget.yamlManifests

    static func main() {
      guard let target = CommandLine.arguments.dropFirst().first.flatMap(FuzzTarget.init(rawValue:)) else {
        print("netpolc-fuzz: the first argument is a target: \(FuzzTarget.allCases.map(\.rawValue))")
        exit(2)
      }
      Self.target = target
      let seeds = target.corpus(in: "Fixtures").joined(separator: ",")
      let arguments =
        [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)
        + (seeds.isEmpty ? [] : ["-seed_inputs=\(seeds)"])
      var count = Int32(arguments.count)
      var pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
        capacity: arguments.count + 1)
      for (index, argument) in arguments.enumerated() { pointers[index] = strdup(argument) }
      pointers[arguments.count] = nil
      exit(
        runDriver(&count, &pointers) { start, length in
          let input = Array(UnsafeBufferPointer(start: start, count: length))
          if let problem = Guided.target.violation(input) {
            FileHandle.standardError.write(Data("netpolc-fuzz: \(Guided.target.rawValue): \(problem)\n".utf8))
            abort()
          }
          return 0
        })
    }
  }
#endif
