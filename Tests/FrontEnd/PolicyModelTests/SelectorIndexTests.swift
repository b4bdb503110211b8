import PolicyModel
import TestSupport
import Testing

@Suite("indices of labels and of selectors find what asking each one finds", .bounded)
struct SelectorIndexTests {
  private static let keys = ["app", "tier", "zone"]
  private static let values = ["a", "b", "c", "d", ""]

  private static func labels(_ generator: inout SeededGenerator) -> Labels {
    Labels(
      keys.filter { _ in generator.chance(oneIn: 2) }.map {
        Labels.Pair($0, generator.pick(values))
      })
  }

  private static func selector(_ generator: inout SeededGenerator) -> LabelSelector {
    LabelSelector(
      (0..<Int(generator.next() % 4)).map { _ in
        let relation = generator.pick(LabelSelector.Operator.allCases)
        let isWithValues = relation == .isIn || relation == .notIn
        return LabelSelector.Requirement(
          generator.pick(keys), relation, isWithValues ? generator.some(values, most: 3) : [])
      })
  }

  @Test("random labels and selectors, both ways", arguments: UInt64(0)..<50)
  func againstEach(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let sets = (0..<30).map { _ in Self.labels(&generator) }
    let selectors = (0..<30).map { _ in Self.selector(&generator) }
    let (index, inverse) = (LabelIndex(sets), SelectorIndex(selectors))
    for selector in selectors {
      #expect(index.matching(selector) == sets.indices.filter { selector.matches(sets[$0]) }, "\(selector)")
    }
    for labels in sets {
      #expect(
        inverse.matching(labels) == selectors.indices.filter { selectors[$0].matches(labels) }, "\(labels)")
    }
  }

  @Test("many labels and many values are found like few")
  func many() {
    let pairs = (0..<100).map { Labels.Pair("k\($0)", "v\($0)") }
    let labels = Labels(pairs)
    for pair in pairs { #expect(labels[pair.key] == pair.value) }
    #expect(labels["k"] == nil && labels["k100"] == nil)
    let values = (0..<100).map { "v\($0)" }
    let (among, outside) = (
      LabelSelector.Requirement("k7", .isIn, values), LabelSelector.Requirement("k7", .notIn, values)
    )
    #expect(among.matches(labels) && !outside.matches(labels))
    #expect(!among.matches(["k7": "w"]) && outside.matches(["k7": "w"]))
  }
}
