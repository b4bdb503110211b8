import TestSupport
import Testing

@testable import ReviewPages

@Suite("the look of the pages, in a browser", .serialized, .needsBrowser, .bounded)
@BrowserActor
struct BrowserLookTests {
  /// A way to look at a page: the window's width, and what the browser tells the page.
  struct Look: Sendable, CustomTestStringConvertible {
    let name: String
    var width = 1280
    var medium = ""
    var features: [String: String] = [:]
    var testDescription: String { name }

    @BrowserActor
    func open(_ page: String) throws -> Browser {
      try Browser(page, width: width, media: features, medium: medium)
    }
  }

  nonisolated static let looks = [
    Look(name: "light", features: ["prefers-color-scheme": "light"]),
    Look(name: "dark", features: ["prefers-color-scheme": "dark"]),
    Look(name: "narrow", width: 500, features: ["prefers-color-scheme": "light"]),
    Look(name: "narrow and dark", width: 500, features: ["prefers-color-scheme": "dark"]),
    Look(name: "paper", width: 700, medium: "print", features: ["prefers-color-scheme": "dark"]),
  ]

  @Test(
    "every text of a difference has a contrast of 4.5:1, unchanged cells and causes too", .long,
    arguments: looks)
  func difference(look: Look) throws {
    let browser = try look.open(ReviewScenario.strayDash.page())
    #expect(try browser.unreadable() == [])
    try browser.value("unchanged.checked = true; show()")
    #expect(try browser.text("document.querySelectorAll('.cell.some, .cell.all, .cell.off').length") != "0")
    #expect(try browser.unreadable(in: ".field") == [])
    try browser.value("filter.value = 'prometheus'; show()")
    #expect(try browser.text("document.querySelectorAll('.cell.off').length") != "0")
    #expect(try browser.unreadable(in: ".field") == [])
    try browser.value(
      "filter.value = ''; show(); changes.forEach(change => { change.open = true; }); openCause(0, 1)")
    #expect(try browser.unreadable() == [])
    #expect(try browser.value("document.documentElement.scrollWidth <= \(look.width)") as? Bool == true)
    #expect(browser.complaints == [])
  }

  @Test(
    "every text of a cluster's page has a contrast of 4.5:1, and the page is no wider than its window", .long,
    arguments: looks)
  func connectivity(look: Look) throws {
    let input = ReviewInput(fixtures: ["guide/01-sample", "guide/inventory.yaml"])
    let browser = try look.open(HTMLConnectivity(input.cluster, facts: [], quote: input.quotations).text)
    #expect(try browser.unreadable() == [])
    #expect(try browser.value("document.documentElement.scrollWidth <= \(look.width)") as? Bool == true)
    #expect(browser.complaints == [])
  }

  @Test("a text that is hard to read is found")
  func contrast() throws {
    let browser = try Browser(
      "<body style='background: white'><p style='color: #777'>grey</p><p style='color: #767676'>dark</p>")
    #expect(try browser.unreadable() == ["grey: 4.48"])
  }

  @Test("on paper controls are left out, and causes and changes are black on white", .long)
  func paper() throws {
    let browser = try Self.looks[4].open(ReviewScenario.strayDash.page())
    try browser.value("window.dispatchEvent(new Event('beforeprint'))")
    #expect(
      try browser.value(
        "['.tools', '#pair', '#levels'].some(part => document.querySelector(part).checkVisibility())")
        as? Bool == false)
    #expect(try browser.text("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)")
    #expect(try browser.value("changes.every(change => change.open)") as? Bool == true)
    #expect(try browser.unreadable() == [])
  }

  @Test(
    "changes towards and from addresses outside are the last column and row, and lead to their lines", .long)
  func outside() throws {
    let browser = try Browser(ReviewScenario.review("the-world-is-let-in").page())
    let row = "document.querySelector('.field .line:last-child')"
    #expect(try browser.text("\(row).querySelector('[role=rowheader]').innerText") == "outside the cluster")
    #expect(
      try browser.text("\(row).querySelector('.cell').getAttribute('aria-label')")
        == "outside the cluster to shop/web-1: widened, nothing → TCP 8080")
    #expect(
      try browser.text(
        "[...document.querySelectorAll('[role=columnheader]')].map(head => head.innerText).join()")
        == "from ↓ to →,shop/web-1,shop/web-2")
    try browser.click(".field .line:last-child .cell")
    // The page hears of its new anchor a moment after the click.
    let look = "`${location.hash} ${document.querySelector('#c0').open}`"
    let anchor = try browser.text(
      "new Promise(done => { let left = 500; const look = () => "
        + "\(look) === '#c0 true' || left-- === 0 ? done(\(look)) : setTimeout(look, 10); look() })")
    #expect(anchor == "#c0 true")
    try browser.click("#by-namespace")
    #expect(
      try browser.text("\(row).querySelector('.cell').getAttribute('aria-label')")
        == "outside the cluster to shop: widened, 2 changes")
    try browser.value("document.querySelector('.kind[value=widened]').click()")
    #expect(try browser.text("document.getElementById('grid-note').textContent") == "No pair fits.")
    let sending = try Browser(ReviewScenario.guide("05-deny-all-egress").page())
    #expect(
      try sending.text(
        "[...document.querySelectorAll('.field .line')].at(-1).querySelector('.cell:last-child').getAttribute('aria-label')"
      )
      .contains("outside the cluster: "))
  }
}
