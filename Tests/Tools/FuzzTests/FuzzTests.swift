import Foundation
import FuzzTargets
import TestSupport
import Testing

/// The targets that `netpolc-fuzz` runs by the million, with as much as fits in a test.
@Suite("Parsers keep their word whatever they are given", .bounded)
struct FuzzTests {
  @Test("what once broke something, and every whole input", arguments: FuzzTarget.allCases)
  func corpus(target: FuzzTarget) throws {
    let files = target.corpus(in: Fixtures.directory.path)
    #expect(!files.isEmpty)
    for file in files {
      #expect(target.violation(try FuzzCorpus.read(file)) == nil, "\(file)")
    }
  }

  @Test("two thousand damaged inputs", arguments: FuzzTarget.allCases)
  func damaged(target: FuzzTarget) throws {
    let mutator = InputMutator(
      corpus: try FuzzCorpus.read(target.corpus(in: Fixtures.directory.path)), seed: 20)
    for number in 0..<2_000 as Range<UInt64> {
      let problem = target.violation(mutator.input(number))
      #expect(problem == nil, "netpolc-fuzz \(target.rawValue) --seed 20 --only \(number)")
    }
  }

  @Test("an input is decided by its corpus, its seed and its number")
  func decided() {
    let corpus = ["a: [1, 2]\nb: {c: d}\n", "---\nkind: List\n"].map { Array($0.utf8) }
    let inputs = (0..<200 as Range<UInt64>).map { InputMutator(corpus: corpus, seed: 1).input($0) }
    #expect(inputs == (0..<200 as Range<UInt64>).map { InputMutator(corpus: corpus, seed: 1).input($0) })
    #expect(Set(inputs).count > 150)
    #expect(
      Set(inputs) != Set((0..<200 as Range<UInt64>).map { InputMutator(corpus: corpus, seed: 2).input($0) }))
    #expect(inputs.allSatisfy { !$0.isEmpty && $0.count <= InputMutator.longest })
  }
}
