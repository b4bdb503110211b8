import Documents
import TestSupport
import Testing

@Suite("patterns of paths", .bounded)
struct PathPatternTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let pattern: String
    let matches: [String]
    let others: [String]
    var testDescription: String { pattern }
  }

  @Test(
    "as git's ignore files have them",
    arguments: [
      Case(
        pattern: "*.values.yaml", matches: ["a.values.yaml", "x/y/a.values.yaml"], others: ["values.yaml"]),
      Case(
        pattern: "charts/", matches: ["charts/a.yaml", "x/charts/y/a.yaml"],
        others: ["charts", "x/charts.yaml"]),
      Case(
        pattern: "charts", matches: ["charts", "charts/a.yaml", "x/charts/a.yaml"],
        others: ["mycharts/a.yaml"]),
      Case(pattern: "/base/*.yaml", matches: ["base/a.yaml"], others: ["x/base/a.yaml", "base/x/a.yaml"]),
      Case(pattern: "base/*.yaml", matches: ["base/a.yaml"], others: ["x/base/a.yaml"]),
      Case(
        pattern: "**/test/*.yaml", matches: ["test/a.yaml", "x/y/test/a.yaml"], others: ["test/x/a.yaml"]),
      Case(pattern: "a/**", matches: ["a/b", "a/b/c"], others: ["b/a/c", "a"]),
      Case(pattern: "a/**/z.yaml", matches: ["a/z.yaml", "a/b/c/z.yaml"], others: ["a/b/c/y.yaml"]),
      Case(pattern: "patch-?.yaml", matches: ["patch-1.yaml"], others: ["patch-12.yaml", "patch-.yaml"]),
      Case(pattern: "[a-c]*.yaml", matches: ["b1.yaml"], others: ["d.yaml"]),
      Case(pattern: "[!a-c].yaml", matches: ["d.yaml"], others: ["b.yaml"]),
      Case(pattern: "*a*b*", matches: ["xaxxb", "ab"], others: ["ba"]),
    ])
  func matching(_ one: Case) throws {
    let pattern = try #require(PathPattern(one.pattern))
    for path in one.matches { #expect(pattern.matches(path), "\(path)") }
    for path in one.others { #expect(!pattern.matches(path), "\(path)") }
  }

  @Test("empty lines and comments are no patterns")
  func none() {
    for text in ["", "  ", "# a comment", "/"] { #expect(PathPattern(text) == nil) }
  }

  @Test("the last pattern decides, and an exception is read after all")
  func layers() throws {
    let exclusions = PathExclusions(
      try ["*.yaml", "!keep.yaml"].map { PathExclusions.Rule(try #require(PathPattern($0))) })
    #expect(exclusions.pattern(excluding: "d/a.yaml", in: "d") != nil)
    #expect(exclusions.pattern(excluding: "d/keep.yaml", in: "d") == nil)
    #expect(exclusions.pattern(excluding: "main:d/keep.yaml", in: "main:d") == nil)
    #expect(exclusions.pattern(excluding: "main:d/a.yaml", in: "main:d") != nil)
  }
}
