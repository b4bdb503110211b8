import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Findings as a person reads them", .bounded)
struct RenderedDiagnosticsTests {
  @Test(arguments: ["policies.yaml", "policy.json"])
  func manyMistakes(_ file: String) throws {
    let scenario = "diagnostics/many-mistakes"
    let text = try Fixtures.text("\(scenario)/\(file)")
    let read = ManifestReader().read([ManifestSource(name: file, text: text)])
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(contents.policies.isEmpty)
    let renderer = DiagnosticRenderer(colour: false)
    let rendered = diagnostics.map(renderer.render).joined(separator: "\n")
    let difference = Golden("\(scenario)/\(file).expected.txt").difference(from: rendered)
    #expect(difference == nil)
  }
}
