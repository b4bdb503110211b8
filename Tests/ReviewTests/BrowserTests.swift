import Foundation
import PolicyModel
import Review
import TestSupport
import Testing

@Suite("the page about who may talk to whom, in a browser")
struct BrowserTests {
  static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first(where: FileManager.default.isExecutableFile)

  @Test(
    "loads without an error, and a link filters it",
    .enabled(if: browser != nil, "needs Chromium, which is not installed"))
  func filters() throws {
    let input = ReviewInput(fixtures: ["guide/01-sample", "guide/inventory.yaml"])
    let folder = FileManager.default.temporaryDirectory.appending(path: "netpolc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (page, dom, log) = (
      folder.appending(path: "page.html"), folder.appending(path: "dom"), folder.appending(path: "log")
    )
    try Data(HTMLConnectivity(input.cluster, facts: []).text.utf8).write(to: page)
    for file in [dom, log] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.browser))
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder.path)/profile",
      "--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom",
      "file://\(page.path)#filter=hello%208080",
    ]
    process.standardOutput = try FileHandle(forWritingTo: dom)
    process.standardError = try FileHandle(forWritingTo: log)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let shown = try String(contentsOf: dom, encoding: .utf8)
    #expect(shown.contains("2 of 26 rows"))
    #expect(!(try String(contentsOf: log, encoding: .utf8)).contains("CONSOLE"))
  }
}
