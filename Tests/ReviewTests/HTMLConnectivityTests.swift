import PolicyModel
import Review
import TestSupport
import Testing

@Suite("the page about who may talk to whom")
struct HTMLConnectivityTests {
  @Test("the guide's sample, byte for byte; hostile text stays text")
  func sample() {
    let input = ReviewInput(fixtures: ["guide/01-sample", "guide/inventory.yaml"])
    #expect(input.errors.isEmpty, "\(input.errors)")
    let hostile = "</dd><script>alert('1')</script>\"&"
    let page = HTMLConnectivity(input.cluster, facts: [.init("proof", hostile)]).text
    #expect(!page.contains("<script>alert"))
    #expect(page.contains("&lt;/dd&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"))
    #expect(page == HTMLConnectivity(input.cluster, facts: [.init("proof", hostile)]).text)
    if let difference = Golden("review/connectivity.html").difference(from: page) {
      Issue.record("\(difference)")
    }
  }
}
