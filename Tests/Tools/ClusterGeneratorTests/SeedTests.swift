import TestSupport
import Testing

@testable import ClusterGenerator
@testable import FuzzTargets

/// Draws add one constant to a generator's state. Where a seed adds a multiple of the same constant, neighbouring seeds
/// give one sequence shifted by a few draws, and a thousand seeds test far fewer than a thousand cases.
@Suite("Neighbouring seeds have sequences of their own", .bounded)
struct SeedTests {
  private static let seeds: Range<UInt64> = 0..<1_000
  private static let draws = 200

  /// The number of draws of all seeds that another draw gave before. Chance gives none: of 200,000 numbers of 64 bits
  /// two are equal once in 900 million times.
  private func repeated(_ next: (UInt64) -> () -> UInt64) -> Int {
    var seen: Set<UInt64> = []
    for seed in Self.seeds {
      let draw = next(seed)
      for _ in 0..<Self.draws { seen.insert(draw()) }
    }
    return Self.seeds.count * Self.draws - seen.count
  }

  @Test("random clusters, events and rulesets of tests")
  func tests() {
    let count = repeated { seed in
      var generator = SeededGenerator(seed: seed)
      return { generator.next() }
    }
    #expect(count == 0)
  }

  @Test("generated clusters")
  func clusters() {
    let count = repeated { seed in
      var random = SeededRandom(seed: seed)
      return { random.next() }
    }
    #expect(count == 0)
  }

  @Test("damaged inputs, by seed and by number")
  func inputs() {
    let bySeed = repeated { seed in
      var random = NumberedRandom(seed: seed, number: 20)
      return { random.next() }
    }
    let byNumber = repeated { number in
      var random = NumberedRandom(seed: 20, number: number)
      return { random.next() }
    }
    #expect(bySeed == 0)
    #expect(byNumber == 0)
  }
}
