import Foundation
import PolicyModel
import ReviewPages
import TestSupport
import Testing

@Suite("the page about who may talk to whom", .bounded)
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
    #expect(
      page.contains("172.17.0.0/16 except 172.17.1.0/24"), "what lies between two blocks is not exposed")
    if let difference = Golden("review/connectivity.html").difference(from: page) {
      Issue.record("\(difference)")
    }
  }

  @Test("names in the data end nothing, and steer nothing")
  func hostileNames() {
    let pod = """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: default, labels: {app: web}}
      status: {podIP: 10.0.0.1}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: web, namespace: default}
      spec: {podSelector: {}, ingress: [{}]}
      """
    let text = "      - </script><script>alert(1)</script><!-- \u{202e}"
    let page = HTMLConnectivity(
      ReviewInput(pod).cluster, facts: [], quote: { places in Dictionary(places.map { ($0, text) }) { $1 } }
    ).text
    #expect(page.contains("\\u003c/script>\\u003cscript>alert(1)"))
    #expect(!page.contains("<script>alert") && !page.contains("<!--") && !page.contains("\u{202e}"))
    #expect(page.components(separatedBy: "</script>").count == 3)
  }
}
