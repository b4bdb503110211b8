import Foundation
import TestSupport
import Testing

@Suite("help texts", .bounded)
struct HelpTests {
  /// The commands of this build, the bare program as an empty word.
  static let commands: [String] = [""] + Help.subcommands()

  @Test("the help of every command is the recorded one; NETPOLC_RECORD=1 records it", arguments: commands)
  func text(command: String) throws {
    let text = try Help.output((command.isEmpty ? [] : [command]) + ["--help"])
    let name = command.isEmpty ? "netpolc" : "netpolc-\(command)"
    if let difference = Golden("help/\(name).txt").difference(from: text) { Issue.record("\(difference)") }
  }

  @Test("the version names the commit and the version of libnftables")
  func version() throws {
    let lines = try Help.output(["--version"]).split(separator: "\n")
    try #require(lines.count == 3, "\(lines)")
    #expect(lines[0].wholeMatch(of: #/netpolc \d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?/#) != nil, "\(lines[0])")
    #expect(lines[1].wholeMatch(of: #/commit ([0-9a-f]{7,40}(-dirty)?|unknown: .+)/#) != nil, "\(lines[1])")
    #expect(lines[2].wholeMatch(of: #/libnftables (\d[0-9.]*|of unknown version: .+)/#) != nil, "\(lines[2])")
  }

  @Test("no recorded help is of a command that is gone")
  func leftOver() {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("help"))) ?? []
    let expected = Self.commands.map { $0.isEmpty ? "netpolc.txt" : "netpolc-\($0).txt" }
    #expect(Set(files.filter { $0.hasSuffix(".txt") }) == Set(expected))
  }

  @Test("the README's table has every command")
  func readme() throws {
    let readme = try Document("README.md")
    for command in Self.commands where !command.isEmpty && command != "help" {
      #expect(readme.text.contains("`netpolc \(command)"), "README.md says nothing of netpolc \(command)")
    }
  }
}

/// What the built program says about itself.
enum Help {
  /// Standard output of `netpolc` with arguments, 80 columns wide by default.
  static func output(_ arguments: [String], columns: Int = 80) throws -> String {
    try CommandRun.named("COLUMNS=\(columns)", [BuiltProgram.netpolc] + arguments).output
  }

  private struct Dump: Decodable {
    struct Command: Decodable {
      let commandName: String
      let shouldDisplay: Bool?
      let subcommands: [Command]?
    }
    let command: Command
  }

  /// The names of the subcommands that the help lists.
  static func subcommands() -> [String] {
    guard let text = try? output(["--experimental-dump-help"]),
      let dump = try? JSONDecoder().decode(Dump.self, from: Data(text.utf8))
    else { return [] }
    return (dump.command.subcommands ?? []).filter { $0.shouldDisplay ?? true }.map(\.commandName)
      .filter { $0 != "help" }.sorted()
  }
}
