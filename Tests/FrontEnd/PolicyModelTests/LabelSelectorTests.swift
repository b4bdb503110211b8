import PolicyModel
import TestSupport
import Testing

@Suite("labels and selectors", .bounded)
struct LabelSelectorTests {
  private typealias Requirement = LabelSelector.Requirement

  /// A requirement, and whether labels with `app=web`, with `app=db` and without `app` meet it.
  static let table: [(relation: LabelSelector.Operator, values: [String], web: Bool, db: Bool, none: Bool)] =
    [
      (.isIn, ["web"], true, false, false),
      (.isIn, ["web", "db"], true, true, false),
      (.notIn, ["web"], false, true, true),
      (.exists, [], true, true, false),
      (.doesNotExist, [], false, false, true),
    ]

  @Test("a missing key meets NotIn and DoesNotExist only", arguments: 0..<table.count)
  func requirement(row: Int) {
    let (relation, values, web, db, none) = Self.table[row]
    let selector = LabelSelector([Requirement("app", relation, values)])
    #expect(selector.matches(["app": "web"]) == web)
    #expect(selector.matches(["app": "db", "tier": "x"]) == db)
    #expect(selector.matches(["tier": "x"]) == none)
  }

  @Test("every condition counts; none is everything")
  func conjunction() {
    let both = LabelSelector([Requirement("app", .isIn, ["web"]), Requirement("old", .doesNotExist)])
    #expect(both.matches(["app": "web"]))
    #expect(!both.matches(["app": "web", "old": ""]))
    #expect(LabelSelector().isEverything && LabelSelector().matches(Labels()))
  }

  @Test("what says the same is equal, in whatever words and order")
  func canonical() {
    let one = LabelSelector([Requirement("b", .isIn, ["y", "x", "x"]), Requirement("a", .exists)])
    let other = LabelSelector([
      Requirement("a", .exists), Requirement("b", .isIn, ["x", "y"]), Requirement("a", .exists),
    ])
    #expect(one == other)
    #expect(LabelSelector(matchLabels: ["app": "web"]) == LabelSelector([Requirement("app", .isIn, ["web"])]))
    #expect(one.description == "a,b in (x,y)")
    #expect(LabelSelector().description == "{}")
  }

  @Test("labels have each key once, the later value")
  func labels() {
    let labels = Labels([.init("b", "1"), .init("a", "2"), .init("b", "3")])
    #expect(labels == ["a": "2", "b": "3"])
    #expect(labels["b"] == "3" && labels["c"] == nil)
    #expect(labels.setting("a", to: "4") == ["a": "4", "b": "3"])
  }
}
