import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tells a person at a terminal what takes so long: the phase, how far it is, and about how long it will still take.
/// Prints nothing about work of less than a second, and nothing where standard error is no terminal.
final class Progress: Sendable {
  private struct State {
    var isShown = false
    var isFinished = false
  }

  private let phase: String
  private let total: Int?
  private let done = Atomic(0)
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  /// Does some work, and shows its progress meanwhile.
  ///
  /// - Parameters:
  ///   - phase: what is done, as a participle: `reading 3 files`.
  ///   - total: how many steps there are, where that is known.
  ///   - isTerminal: true where a terminal reads standard error.
  ///   - work: gets an object to count steps with, from any thread.
  /// - Returns: what the work gave.
  static func during<Result>(
    _ phase: String, of total: Int? = nil, isTerminal: Bool = StandardError.isTerminal,
    _ work: (Progress) throws -> Result
  ) rethrows -> Result {
    let progress = Progress(phase, total)
    guard isTerminal else { return try work(progress) }
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 1, repeating: 0.25)
    timer.setEventHandler { progress.show() }
    timer.resume()
    defer {
      timer.cancel()
      progress.finish()
    }
    return try work(progress)
  }

  private init(_ phase: String, _ total: Int?) {
    self.phase = phase
    self.total = total
  }

  /// Counts a step.
  func step() { done.wrappingAdd(1, ordering: .relaxed) }

  /// The line at a time, without what brings it to the start of the screen's line.
  static func line(_ phase: String, done: Int, of total: Int?, after elapsed: Duration) -> String {
    let seconds = Int(elapsed.components.seconds)
    guard let total else { return "netpolc: \(phase), \(seconds) s" }
    var text = "netpolc: \(phase), \(done) of \(total), \(seconds) s"
    if done > 0, done < total { text += ", about \((total - done) * max(seconds, 1) / done + 1) s left" }
    return text
  }

  private func show() {
    state.withLock { state in
      // The timer may fire once more while the work ends.
      guard !state.isFinished else { return }
      state.isShown = true
      let text = Self.line(
        phase, done: done.load(ordering: .relaxed), of: total, after: started.duration(to: .now))
      StandardError.write("\r\(text)\u{1b}[K")
    }
  }

  private func finish() {
    state.withLock { state in
      state.isFinished = true
      if state.isShown { StandardError.write("\r\u{1b}[K") }
    }
  }
}
