import Addresses
import Foundation
import JSONText
import PolicyModel
import TestSupport
import Testing

@testable import ReviewPages

@Suite(
  "the pages, in a browser", .serialized,
  .needsBrowser, .bounded)
@BrowserActor
struct BrowserTests {
  private static func guide() -> ReviewInput {
    ReviewInput(fixtures: ["guide/01-sample", "guide/inventory.yaml"])
  }

  private static func connectivity() -> String {
    let input = guide()
    return HTMLConnectivity(input.cluster, facts: [], quote: input.quotations).text
  }

  @Test("loads without an error, and a link filters it")
  func link() throws {
    let browser = try Browser(Self.connectivity(), hash: "#filter=hello%208080")
    #expect(try browser.text("document.getElementById('shown').textContent") == "2 of 26 rows")
    #expect(try browser.text("document.getElementById('grid-note').textContent") == "3 × 1 of 8 classes")
    #expect(browser.complaints == [])
  }

  @Test("keys lead to a cell, open its cause, and lead back", .long)
  func keyboard() throws {
    let browser = try Browser(Self.connectivity())
    try browser.value("document.querySelector('[data-row=\"0\"][data-column=\"0\"]').focus()")
    for key in [
      "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowLeft", "End", "Home", "ArrowRight",
    ] {
      try browser.press(key)
    }
    #expect(
      try browser.text("document.activeElement.getAttribute('aria-label')")
        == "default/v2-client to default app=hello (2 pods): TCP 8080")
    try browser.press("Enter")
    #expect(try browser.text("document.activeElement.id") == "cause-title")
    let cause = try browser.text("document.getElementById('cause-body').innerText")
    for words in [
      "default/v2-client → default app=hello (2 pods)",
      "Egress of default/v2-client: open, no policy isolates it",
      "Ingress of default/hello-1: isolated, and rules let pass",
      "TCP 8080 — pods version=v2 of namespace default",
      "spec.ingress[0].from[2] guide/01-sample/policy.yaml:25:11", "- podSelector:",
    ] {
      #expect(cause.contains(words), "\(words) is not in \(cause)")
    }
    try browser.press("Escape")
    #expect(
      try browser.text("document.activeElement.dataset.row + ' ' + document.activeElement.dataset.column")
        == "3 1")
    #expect(try browser.value("document.getElementById('cause').hidden") as? Bool == true)
    #expect(browser.complaints == [])
  }

  @Test("words that are typed filter; a click opens a denied pair; a form asks about two pods by name", .long)
  func mouse() throws {
    let browser = try Browser(Self.connectivity())
    try browser.click("#filter")
    try browser.type("v1-client")
    #expect(try browser.text("document.getElementById('shown').textContent") == "3 of 26 rows")
    try browser.value("filter.value = ''; show()")
    try browser.click("[data-row=\"2\"][data-column=\"1\"]")
    let denied = try browser.text("document.getElementById('cause-body').innerText")
    #expect(denied.contains("Ingress of default/hello-1: isolated, and no rule matches"), "\(denied)")
    #expect(denied.contains("pods version=v2 of namespace default; TCP 8080"), "\(denied)")
    try browser.click("#cause-close")
    try browser.click("#pair-from")
    try browser.type("prod/db")
    try browser.click("#pair-to")
    try browser.type("default/hello-2")
    try browser.press("Enter")
    #expect(
      try browser.text("document.getElementById('cause-title').innerText")
        == "namespace prod (2 pods) → default app=hello (2 pods)")
    let address = try browser.text("decodeURIComponent(location.hash)")
    #expect(address == "#pair=prod/db|default/hello-1")
    #expect(browser.complaints == [])
  }

  @Test("a difference marks what changes by a sign, and tells the cause before and after", .long)
  func marks() throws {
    let browser = try Browser(ReviewScenario.review("a-stray-dash-opens-a-namespace").page())
    #expect(try browser.text("document.querySelector('.field .widened').innerText").hasPrefix("+"))
    #expect(
      try browser.text("document.querySelector('.field .widened').getAttribute('aria-label')")
        == "monitoring/grafana to shop/web-1: widened, nothing → TCP 8080")
    try browser.click(".field .widened")
    let cause = try browser.text("document.getElementById('cause-body').innerText")
    for words in [
      "Before: nothing", "After: TCP 8080", "a-stray-dash-opens-a-namespace/old/policies.yaml:1:1",
      "spec.ingress[0].from[0] review/a-stray-dash-opens-a-namespace/new/policies.yaml:11:7",
      "- namespaceSelector:",
    ] {
      #expect(cause.contains(words), "\(words) is not in \(cause)")
    }
    try browser.press("Escape")
    try browser.click("#unchanged")
    #expect(try browser.text("document.getElementById('grid-note').textContent") == "9 × 9 of 9 classes")
    try browser.click(".kind[value=widened]")
    #expect(try browser.text("document.getElementById('shown').textContent") == "0 of 3 changes")
    #expect(browser.complaints == [])
  }

  @Test(
    "the causes that the page works out are those of its data", .long,
    arguments: [
      "", "a-stray-dash-opens-a-namespace", "egress-is-isolated-without-dns", "another-client", "tiers 3",
      "tiers 4", "tiers 5",
    ])
  func causes(scenario: String) throws {
    let seed = scenario.hasPrefix("tiers ") ? UInt64(scenario.dropFirst(6)) : nil
    let page =
      seed.map { HTMLConnectivity(RandomTiers(seed: $0, pods: 14).cluster, facts: []).text }
      ?? (scenario.isEmpty ? Self.connectivity() : ReviewScenario.review(scenario).page())
    let reading = try PageReading(page)
    let browser = try Browser(page)
    let told = try #require(
      try browser.value(
        """
        data.sides.map((_, side) => classes.map((_, sender) => classes.map((_, receiver) =>
          causesOf(side, sender, receiver).map(one => [one.families.join(), ...[one.egress, one.ingress].map(direction =>
            direction.state + direction.policies.map(policy => ' ' + policy.name + policy.rules.map(rule => `@${rule.at}=${rule.action ?? 'accept'} ${rule.passes}`).join('')).join(''))]))))
        """) as? [[[[[String]]]]])
    for (side, senders) in told.enumerated() {
      for (sender, receivers) in senders.enumerated() {
        for (receiver, parts) in receivers.enumerated() {
          for part in parts {
            for family in part[0].split(separator: ",").map(String.init) {
              let found = [
                reading.causeWords(
                  side: side, of: sender, "egress", peer: receiver, family, receiver: receiver),
                reading.causeWords(
                  side: side, of: receiver, "ingress", peer: sender, family, receiver: receiver),
              ]
              #expect(Array(part.dropFirst()) == found, "\(sender) → \(receiver) \(family)")
            }
          }
        }
      }
    }
    #expect(browser.complaints == [])
  }

  @Test("the functions of the script: words of a filter, lists of differences, families, names of pods")
  func functions() throws {
    let browser = try Browser(Self.connectivity())
    for (expression, expected) in [
      ("wordsOf('  Web 8080\\t UDP ')", #"["web","8080","udp"]"#),
      ("wordsOf('')", "[]"),
      ("wordsOf('a '.repeat(40)).length", "30"),
      ("bitsOf(['web', 'tcp', 'no'], 'web to db: tcp 80')", "3"),
      ("Array.from(bits(['a', 'b'], ['ab', 'b', '']))", "[3,2,0]"),
      ("Array.from(decode([-1, 1, 2, 7, 1, 1, 9], 6, []))", "[0,7,7,0,9,0]"),
      ("Array.from(decode([0, 2, 1, 5], 4, [Uint32Array.of(1, 2, 3, 4)]))", "[1,2,5,4]"),
      ("Array.from(decode([0], 2, [Uint32Array.of(1, 2)]))", "[1,2]"),
      ("[familyOf('10.0.0.1'), familyOf('fd00::1')]", #"["IPv4","IPv6"]"#),
      ("someOf(['a', 'b', 'c'], 3)", #""a, b, c""#),
      ("someOf(['a', 'b', 'c'], 2).firstChild.textContent", #""a, b, … 1 more""#),
      (
        "make('p', { id: 'x', hidden: true, title: null, lang: false }, '<b>', null).outerHTML",
        #""<p id=\"x\" hidden=\"\">&lt;b&gt;</p>""#
      ),
      ("plain('a%20b') + plain('%')", #""a b%""#),
      (
        "[classNamed(' default/hello-1 ') === classNamed('default/hello-1'), classNamed('nobody/here') === undefined]",
        "[true,true]"
      ),
    ] {
      #expect(try browser.text("JSON.stringify(\(expression))") == expected, "\(expression)")
    }
    #expect(browser.complaints == [])
  }

  @Test("rows of small numbers, written here and read there, are the same", .long)
  func rows() throws {
    let browser = try Browser(Self.connectivity())
    var random = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      let (count, length) = (Int.random(in: 1...9, using: &random), Int.random(in: 1...12, using: &random))
      let rows = (0..<count).map { _ in
        (0..<length).map { _ in UInt32.random(in: 0...3, using: &random) }
      }
      var json = JSONWriter()
      MatrixRows(rows).write(&json)
      let read = try browser.text(
        "(() => { const all = []; for (const list of \(json.text)) all.push(decode(list, \(length), all)); all.shift(); return JSON.stringify(all.map(row => Array.from(row))); })()"
      )
      #expect(
        read == "["
          + rows.map { "[" + $0.map(String.init).joined(separator: ",") + "]" }.joined(separator: ",") + "]")
    }
  }

  @Test("on paper everything is open, and the whole of a small matrix is there", .long)
  func paper() throws {
    let browser = try Browser(ReviewScenario.review("a-port-becomes-a-range").page(), width: 600, height: 300)
    try browser.click("#unchanged")
    try browser.value("window.dispatchEvent(new Event('beforeprint'))")
    #expect(try browser.value("document.querySelectorAll('details:not([open])').length") as? Int == 0)
    let cells = "document.querySelectorAll('.field [data-row]').length"
    #expect(try browser.value("\(cells) === classes.length ** 2") as? Bool == true)
    let printed = try browser.call("Page.printToPDF")
    #expect((printed["data"] as? String)?.isEmpty == false)
    #expect(browser.complaints == [])
  }

  @Test("two thousand classes: by namespace first, little in the document, every pair in reach", .long)
  func large() throws {
    let browser = try Browser(HTMLConnectivity(Self.manyClasses(), facts: []).text)
    #expect(
      try browser.text("document.getElementById('grid-note').textContent")
        == "40 × 40 of 40 namespaces; a cell opens its classes")
    #expect(try browser.value("document.querySelectorAll('*').length < 8000") as? Bool == true)
    try browser.value("document.querySelector('.field .cell').focus()")
    try browser.press("Enter")
    #expect(try browser.text("document.getElementById('grid-note').textContent") == "50 × 50 of 2000 classes")
    try browser.click("#by-class")
    try browser.value("document.querySelector('.field .cell').focus()")
    try browser.press("End", modifiers: 2)
    #expect(
      try browser.text("document.activeElement.getAttribute('aria-label')")
        == "space-9/pod-49 to space-9/pod-49: a pod and itself")
    try browser.press("ArrowUp")
    try browser.press("Enter")
    let cause = try browser.text("document.getElementById('cause-body').innerText")
    #expect(cause.contains("space-9/pod-48 → space-9/pod-49"))
    #expect(cause.contains("TCP 80 — pods pod=48 of namespace space-9"), "\(cause)")
    try browser.press("Escape")
    try browser.value("filter.value = 'space-7/pod-3 space-7/pod-4'; show()")
    #expect(try browser.value("document.querySelectorAll('*').length < 8000") as? Bool == true)
    #expect(browser.complaints == [])
  }

  /// Forty namespaces of fifty pods, each of which takes from the one before it only.
  private static func manyClasses() -> Cluster {
    var (pods, policies) = ([Pod](), [Policy]())
    let nowhere = Origin.nowhere
    for space in 0..<40 {
      for pod in 0..<50 {
        let name = "pod-\(pod < 10 ? "0" : "")\(pod)"
        let namespace = "space-\(space)"
        pods.append(
          Pod(
            namespace: namespace, name: name, labels: ["pod": "\(pod)"],
            addresses: [.init(.ipv4, bits: 0x0a00_0000 + UInt128(space) << 8 + UInt128(pod))], origin: nowhere
          ))
        let before = Peer(.pods(.own, LabelSelector(matchLabels: ["pod": "\(pod - 1)"])), origin: nowhere)
        let port = PolicyPort(.tcp, .range(.init(80, 80)), origin: nowhere)
        policies.append(
          Policy(
            id: .init(namespace: namespace, name: name),
            subjects: PodSet(.own, LabelSelector(matchLabels: ["pod": "\(pod)"])),
            ingress: [PolicyRule(peers: .anyOf([before]), ports: .anyOf([port]), origin: nowhere)],
            egress: nil, origin: nowhere))
      }
    }
    return Cluster(
      policies: policies, namespaces: [:],
      pods: pods.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) })
  }
}
