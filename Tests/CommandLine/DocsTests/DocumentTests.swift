import Foundation
import TestSupport
import Testing

@Suite("what the documentation shows is what happens", .bounded)
struct DocumentTests {
  /// What a fenced block can be; another word would be a block that nobody checks.
  static let languages: Set<String> = [
    "sh", "console", "yaml", "json", "nft", "text", "swift", "dockerfile", "ini", "html",
  ]

  @Test("every command runs, and prints what stands there", .long, arguments: Document.all)
  func commands(document: Document) throws {
    var session = try DocumentSession()
    /// Where the answers of a block begin.
    var places: [(block: Document.Block, console: ConsoleBlock?, first: Int)] = []
    var count = 0
    for block in document.blocks {
      #expect(Self.languages.contains(block.language), "\(document.path):\(block.line): \(block.info)")
      if block.language == "yaml", block.options.hasPrefix("file=") {
        try session.write(block.lines.joined(separator: "\n") + "\n", to: String(block.options.dropFirst(5)))
      }
      guard Self.isRun(block), !document.isRunElsewhere else { continue }
      if block.language == "console" {
        guard let console = ConsoleBlock(block.lines) else {
          Issue.record("\(document.path):\(block.line): a console block begins with '$ '")
          continue
        }
        places.append((block, console, count))
        for step in console.steps { session.add(step.command) }
        count += console.steps.count
      } else if block.language == "sh" {
        places.append((block, nil, count))
        session.add("( set -e\n\(block.lines.joined(separator: "\n"))\n)")
        count += 1
      }
    }
    guard count > 0 else { return }
    let answers = try session.run()
    for (block, console, first) in places {
      let place = "\(document.path):\(block.line)"
      guard let console else {
        #expect(answers[first].status == 0, "\(place): \(answers[first].lines.joined(separator: "\n"))")
        continue
      }
      var outputs: [[String]] = []
      for (step, answer) in zip(console.steps, answers[first...]) {
        let next = console.steps.indices.contains(outputs.count + 1) ? console.steps[outputs.count + 1] : nil
        #expect(
          answer.status == 0 || next?.command == "echo $?",
          "\(place): '\(step.command)' ended with \(answer.status), which the next line should show")
        let pattern = OutputPattern(lines: step.expected)
        let fits = pattern.matches(answer.lines)
        if !fits, Recording.isOn, let fresh = pattern.refreshed(from: answer.lines) {
          outputs.append(fresh)
        } else {
          outputs.append(step.expected)
          #expect(fits, "\(place): '\(step.command)' prints\n\(answer.lines.joined(separator: "\n"))")
        }
      }
      let fresh = console.text(printing: outputs)
      if Recording.isOn, fresh != block.lines {
        func fenced(_ lines: [String]) -> String {
          (["```\(block.info)"] + lines + ["```"]).joined(separator: "\n")
        }
        Recording.replace(fenced(block.lines), by: fenced(fresh), in: document.path)
      }
    }
  }

  /// Blocks with a comment `<!-- … command -->` are run by `.ci/run` instead, since they call Swift's own tools.
  static func isRun(_ block: Document.Block) -> Bool {
    guard ["console", "sh"].contains(block.language), block.skipped == nil else { return false }
    if block.comment?.hasSuffix(" command -->") == true { return false }
    return !block.needsRoot || TestEnvironment.isRoot
  }

  @Test("blocks that are not run say why, and docs/limits.md lists them")
  func skippedBlocks() throws {
    var rows = "| where | first line | why it is not run |\n|---|---|---|\n"
    for document in Document.all {
      for block in document.blocks where block.skipped != nil {
        let line = block.lines.first { !$0.isEmpty } ?? ""
        let link = document.path.replacing("docs/", with: "", maxReplacements: 1)
        let target = document.path.hasPrefix("docs/") ? link : "../\(link)"
        rows += "| [\(link)](\(target)) | `\(line)` | \(block.skipped ?? "") |\n"
      }
    }
    let limits = try Document("docs/limits.md")
    if let difference = GeneratedPart(document: limits, name: "skipped").difference(from: rows) {
      Issue.record("\(difference)")
    }
  }

  @Test("links lead somewhere", arguments: Document.all)
  func links(document: Document) throws {
    let folder = Fixtures.package.appending(path: document.path).deletingLastPathComponent()
    for (line, target) in document.links where !target.contains("://") && !target.hasPrefix("mailto:") {
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let file =
        parts[0].isEmpty
        ? Fixtures.package.appending(path: document.path) : folder.appending(path: String(parts[0]))
      let path = file.standardizedFileURL.path(percentEncoded: false)
      #expect(FileManager.default.fileExists(atPath: path), "\(document.path):\(line): \(target)")
      guard parts.count > 1, path.hasSuffix(".md") else { continue }
      let root = Fixtures.package.standardizedFileURL.path(percentEncoded: false)
      let other = try Document(String(path.dropFirst(root.count)).trimmingCharacters(in: ["/"]))
      #expect(other.anchors.contains(String(parts[1])), "\(document.path):\(line): \(target)")
    }
  }

  @Test("no page is an orphan: docs/README.md or the README leads to each")
  func index() throws {
    let index = try Document("docs/README.md")
    let targets = Set(index.links.map(\.target))
    for document in Document.all where document.path.hasPrefix("docs/") && document.path != index.path {
      let name = String(document.path.dropFirst(5))
      #expect(targets.contains(name), "docs/README.md does not lead to \(name)")
    }
  }
}
