import Diagnostics
import Documents
import Foundation
#if canImport(FoundationXML)
  import FoundationXML
#endif
import PolicyAssert
import Reports
import TestSupport
import Testing

@Suite("assert: only, selectors, exceptions, formats", .bounded)
struct OnlyTests {
  private func results(_ file: String) throws -> [ExpectationResult] {
    let source = ManifestSource(name: file, text: try Fixtures.text("assert/only/\(file)"))
    let (expectations, diagnostics) = ExpectationReader.read(source)
    #expect(diagnostics.isEmpty, "\(diagnostics.map(\.message))")
    let cluster = ReviewInput(fixtures: ["assert/only/policies.yaml", "assert/only/inventory.yaml"]).cluster
    return expectations.map(Asserter(cluster).check)
  }

  @Test("expectations that hold")
  func holds() throws {
    let results = try results("holds.yaml")
    #expect(results.count == 5)
    for result in results {
      #expect(
        result.holds, "\(result.expectation.name): \(result.failure ?? "") \(result.witness?.packet ?? "")")
    }
  }

  @Test("expectations that do not, each with a witness")
  func fails() throws {
    let results = try results("fails.yaml")
    #expect(results.count == 6)
    for result in results { #expect(result.failure != nil, "\(result.expectation.name)") }
    for (format, text) in [
      ("txt", AssertReport.text(results)), ("junit.xml", AssertReport.jUnit(results)),
      ("github", AssertReport.gitHub(results)), ("sarif", AssertReport.sarif(results, version: "test")),
    ] {
      if let difference = Golden("assert/only/fails.expected.\(format)").difference(from: text) {
        Issue.record("\(difference)")
      }
    }
  }

  @Test("JUnit's XML is well formed")
  func wellFormed() throws {
    let text = AssertReport.jUnit(try results("fails.yaml") + results("holds.yaml"))
    let parser = XMLParser(data: Data(text.utf8))
    let counter = Counter()
    parser.delegate = counter
    #expect(parser.parse())
    #expect(counter.elements == ["testsuites": 1, "testsuite": 1, "testcase": 11, "failure": 6])
  }

  private final class Counter: NSObject, XMLParserDelegate {
    var elements: [String: Int] = [:]
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
    }
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      ("{expect: only}", "is required with \"only\""),
      ("{expect: only, from: {podsToCome: true}}", "has no quantifier and no podsToCome"),
      ("{expect: only, from: {}, to: {cidr: 10.0.0.0/8}}", "must be pods with \"only\""),
      ("{expect: only, from: {}, to: {quantifier: some}}", "must be \"all\" with \"only\""),
      ("{expect: deny, from: {selector: \"app in web\"}}", "is no selector as kubectl takes it"),
      ("{expect: deny, from: {except: {cidr: 10.0.0.0/8}}}", "unknown field \"cidr\""),
    ])
  func refused(_ expectation: String, _ message: String) {
    let text = "apiVersion: netpolc/v1\nkind: Assertions\nexpectations:\n  - \(expectation)\n"
    let (_, diagnostics) = ExpectationReader.read(ManifestSource(name: "e.yaml", text: text))
    #expect(diagnostics.contains { $0.message.contains(message) }, "\(diagnostics.map(\.message))")
  }
}
