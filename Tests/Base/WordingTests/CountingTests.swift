import TestSupport
import Testing
import Wording

@Suite("Counts, lists and agreement", .bounded)
struct CountingTests {
  @Test(
    "a number and its noun agree",
    arguments: [
      (0, "pod", "0 pods"), (1, "pod", "1 pod"), (2, "pod", "2 pods"), (1, "policy", "1 policy"),
      (3, "policy", "3 policies"), (2, "day", "2 days"), (2, "class", "2 classes"),
      (5, "prefix", "5 prefixes"),
      (2, "address", "2 addresses"), (2, "match", "2 matches"), (2, "dash", "2 dashes"),
      (0, "entry", "0 entries"),
      (2, "byte", "2 bytes"),
    ])
  func counts(count: Int, noun: String, text: String) {
    #expect(Counting.of(count, noun) == text)
  }

  @Test(
    "lists of English",
    arguments: [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
  func lists(texts: [String], list: String) {
    #expect(Counting.list(texts) == list)
    #expect(Counting.list(texts, "or") == list.replacing(" and ", with: " or "))
  }

  @Test("the first texts of a list and the number of the others")
  func first() {
    #expect(Counting.first(2, of: ["a", "b", "c"]) == "a, b, … 1 more")
    #expect(Counting.first(3, of: ["a", "b", "c"]) == "a, b, c")
    #expect(Counting.first(2, of: ["a", "b"], count: 12) == "a, b, … 10 more")
    #expect(Counting.first(2, of: []) == "")
  }

  @Test("a verb agrees with its number")
  func verbs() {
    #expect(Counting.agree(1, "is", "are") == "is")
    #expect(Counting.agree(0, "is", "are") == "are")
  }
}
