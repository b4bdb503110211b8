import KernelReader
import NFTables
import Synchronization

/// The counts of the table's rules for scrapes: read on a thread of its own, once for those that ask at the same time.
final class CounterReading: Sendable {
  /// Takes the counts by chain; nil where there is no table, or it cannot be read.
  typealias Taker = @Sendable ([String: CountedPackets]?) -> Void

  private let waiting = Mutex<[Taker]>([])

  /// Reads the counts, and gives them to a taker, on another thread.
  func read(_ taker: @escaping Taker) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(taker)
      return waiting.count == 1
    }
    guard isFirst else { return }
    LoopThread.start { [self] in
      let counts = (try? KernelReader.counters(of: .netpolc)) ?? nil
      let takers = waiting.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
      for taker in takers { taker(counts) }
    }
  }
}
