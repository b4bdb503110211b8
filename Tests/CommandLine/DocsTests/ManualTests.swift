import Foundation
import TestSupport
import Testing

@Suite("man pages", .needsProgram("groff"), .bounded, .onOwnThread)
struct ManualTests {
  /// The pages of this build, by name.
  static let pages: [String: String] = {
    guard let folder = try? TemporaryFolder(),
      let run = try? CommandRun("/bin/sh", [".ci/manual", BuiltProgram.netpolc, folder.path("man")]),
      run.status == 0
    else { return [:] }
    var found: [String: String] = [:]
    for name in HelpTests.commands.map({ $0.isEmpty ? "netpolc" : "netpolc-\($0)" }) {
      found[name] = try? String(contentsOfFile: folder.path("man/\(name).8"), encoding: .utf8)
    }
    return found
  }()

  @Test("each command has a page with all sections, and the whole of its name", arguments: HelpTests.commands)
  func sections(command: String) throws {
    let name = command.isEmpty ? "netpolc" : "netpolc-\(command)"
    let page = try #require(Self.pages[name])
    let titles = page.split(separator: "\n").filter { $0.hasPrefix(".SH ") }.map { $0.dropFirst(4) }
    for title in ["NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "EXAMPLES", "ENVIRONMENT", "SEE ALSO"] {
      #expect(titles.contains(Substring(title)), "\(name) has no \(title)")
    }
    #expect(Set(titles).count == titles.count, "\(name): \(titles)")
    let help = try Help.output((command.isEmpty ? [] : [command]) + ["--help"], columns: 10_000)
    var abstract = help.prefix { $0 != "\n" }.replacing("OVERVIEW: ", with: "")
    if abstract.hasPrefix("A ") { abstract.removeFirst(2) }
    let written = page.replacing("\\-", with: "-")
    #expect(written.contains("\n\(name) - \(abstract.dropLast())\n"), "\(abstract)")
    // Options, each whole.
    for option in help.matches(of: #/(?m)^  (-[^ ].*?)(?:  |$)/#) {
      #expect(written.contains("\n.B \(option.1)\n"), "\(name): \(option.1)")
    }
  }

  @Test("man renders each page without a warning", .needsProgram("man"), arguments: HelpTests.commands)
  func rendering(command: String) throws {
    let name = command.isEmpty ? "netpolc" : "netpolc-\(command)"
    let folder = try TemporaryFolder()
    let path = try folder.write("\(name).8", try #require(Self.pages[name]))
    let run = try CommandRun.named(
      "LC_ALL=C.UTF-8", ["MANWIDTH=80", "man", "--warnings=w", "--local-file", path])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test("every variable of the environment that netpolc reads is on a page")
  func environment() throws {
    let table = try String(
      contentsOf: Fixtures.package.appending(path: ".ci/manual-sections"), encoding: .utf8)
    let entries = table.split(separator: "\n").filter { $0.hasPrefix("ENVIRONMENT\t") }
    let known = Set(entries.map { $0.split(separator: "\t")[2] })
    var read: Set<Substring> = []
    for folder in ["CommandLine/NetpolcCommands", "BackEnd", "Review", "FrontEnd"] {
      let root = Fixtures.package.appending(path: "Sources/\(folder)").path(percentEncoded: false)
      for file in FileManager.default.enumerator(atPath: root) ?? .init() {
        guard let file = file as? String, file.hasSuffix(".swift") else { continue }
        let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
        read.formUnion(
          text.matches(of: #/(?:getenv|variable)\("([A-Z_]+)"\)/#).map { Substring(String($0.1)) })
      }
    }
    #expect(read.contains("NETPOLC_STATE_DIRECTORY"))
    #expect(read.isSubset(of: known), "\(read.subtracting(known))")
  }
}
