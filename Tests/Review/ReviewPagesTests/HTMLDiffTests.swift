import Foundation
import PolicyDiff
import PolicyModel
import ReviewPages
import TestSupport
import Testing

extension ReviewScenario {
  /// The page of the difference of the two revisions.
  func page(from name: String = "old") -> String {
    let (old, new) = inputs
    #expect(old.errors.isEmpty && new.errors.isEmpty, "\(old.errors) \(new.errors)")
    let meanings = RevisionMeanings(old.cluster, new.cluster)
    return HTMLDiff(
      Differ(meanings).compare(), of: meanings, names: (name, "new"),
      quote: { places in old.quotations(places).merging(new.quotations(places)) { $1 } }
    ).text
  }
}

@Suite("pages of realistic revisions, byte for byte", .bounded)
struct HTMLDiffTests {
  private func expect(_ text: String, _ golden: String) {
    if let difference = Golden(golden).difference(from: text) { Issue.record("\(difference)") }
  }

  @Test("the body of every page", arguments: ReviewScenario.all)
  func body(scenario: ReviewScenario) {
    let page = scenario.page()
    // Style and script are the same in every page; a whole page is recorded once.
    let ends = [page.range(of: "</head>\n"), page.range(of: "<script>\n", options: .backwards)].compactMap {
      $0
    }
    let body = ends.count == 2 ? String(page[ends[0].upperBound..<ends[1].lowerBound]) : nil
    expect(body ?? "no head", "\(scenario.folder)/expected.body.html")
  }

  @Test("a page asks the network for nothing, and its text is harmless")
  func page() {
    expect(ReviewScenario.strayDash.page(), "\(ReviewScenario.strayDash.folder)/expected.html")
    let html = ReviewScenario.strayDash.page(from: "<script>alert(1)</script>")
    #expect(!html.contains("http://") && !html.contains("https://"))
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("default-src 'none'"))
  }
}
