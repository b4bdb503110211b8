import BenchmarkReference

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cost of a step.
struct Cost {
  /// The duration in seconds of wall-clock time.
  var seconds: Double
  /// The highest memory during the step above that before it, in bytes; nil where it is unknown.
  var peak: Int?

  /// The lesser of both costs in each respect: of several runs the one that was disturbed least.
  static func least(_ costs: [Cost]) -> Cost {
    Cost(seconds: costs.map(\.seconds).min() ?? 0, peak: costs.compactMap(\.peak).min())
  }

  /// The middle of several costs in each respect; the lower one of two in the middle.
  static func median(_ costs: [Cost]) -> Cost {
    func middle<Value: Comparable>(_ values: [Value]) -> Value? {
      values.isEmpty ? nil : values.sorted()[(values.count - 1) / 2]
    }
    return Cost(seconds: middle(costs.map(\.seconds)) ?? 0, peak: middle(costs.compactMap(\.peak)))
  }

  /// The cost of one of several equal steps. Memory is not divided.
  func divided(by times: Int) -> Cost { Cost(seconds: seconds / Double(times), peak: nil) }
}

/// Measures steps: time, and memory by the kernel's own high-water mark.
enum Gauge {
  /// The time that is measured.
  enum Clock {
    /// The time on the wall, with what other work took of it.
    case wall
    /// The time of all processors that this process had: on a busy machine that of a step with one thread.
    case processor

    /// The time since some moment, in seconds.
    fileprivate var now: Double {
      var time = timespec()
      clock_gettime(self == .wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
  }

  /// Does a step and says what it took. `keep` lets the result live until all is measured.
  static func measure<Result>(
    by clock: Clock = .wall, _ body: () throws -> Result
  ) rethrows -> (cost: Cost, result: Result) {
    reference_release_memory()
    // Brings the high-water mark down to what is used now.
    writeFile("/proc/self/clear_refs", "5")
    let before = status("VmRSS")
    let start = clock.now
    let result = try body()
    let seconds = clock.now - start
    let peak = status("VmHWM").flatMap { high in before.map { max(0, high - $0) } }
    return (Cost(seconds: seconds, peak: peak), result)
  }

  /// The least cost of several runs.
  static func least<Result>(of runs: Int, _ body: () throws -> Result) rethrows -> Cost {
    var costs: [Cost] = []
    for _ in 0..<runs { costs.append(try measure(body).cost) }
    return .least(costs)
  }

  /// The costs of two steps that take turns, so that both meet the same neighbours: the least of each, or another choice.
  static func inTurns<A, B>(
    _ runs: Int, by clock: Clock = .wall, choosing choice: ([Cost]) -> Cost = Cost.least,
    _ first: () throws -> A, _ second: () throws -> B
  ) rethrows -> (first: Cost, second: Cost) {
    var costs: (first: [Cost], second: [Cost]) = ([], [])
    for _ in 0..<runs {
      costs.first.append(try measure(by: clock, first).cost)
      costs.second.append(try measure(by: clock, second).cost)
    }
    return (choice(costs.first), choice(costs.second))
  }

  /// A field of a file of `/proc` with sizes in kB, in bytes.
  static func status(_ field: String, of path: String = "/proc/self/status") -> Int? {
    guard let text = readFile(path) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix("\(field):") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      return words.count > 1 ? Int(words[1]).map { $0 * 1024 } : nil
    }
    return nil
  }

  static func readFile(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let got = fread(&buffer, 1, buffer.count, file), got > 0 { bytes += buffer[..<got] }
    return String(decoding: bytes, as: UTF8.self)
  }

  @discardableResult
  static func writeFile(_ path: String, _ text: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    defer { fclose(file) }
    return Array(text.utf8).withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
  }
}
