import PolicyList
import Reports
import TestSupport
import Testing

@Suite("list, format by format", .bounded)
struct ListGoldenTests {
  struct Input: Sendable, CustomTestStringConvertible {
    let name: String
    let paths: [String]
    var testDescription: String { name }
  }

  static let inputs = [
    Input(name: "guide", paths: ["guide/01-sample", "guide/inventory.yaml"]),
    Input(name: "shop", paths: ["review/inventory.yaml", "review/an-except-moves/new"]),
    Input(
      name: "dual-stack",
      paths: ["scenarios/dual-stack-shop/policies.yaml", "scenarios/dual-stack-shop/inventory.yaml"]),
    Input(name: "manifests", paths: ["list/manifests.yaml"]),
  ]

  @Test("the formats are the recorded ones; NETPOLC_RECORD=1 records them", arguments: inputs)
  func formats(_ input: Input) {
    let cluster = ReviewInput(fixtures: input.paths).cluster
    let list = ConnectionLister(cluster).list(exposure: true)
    for (format, text) in [
      ("txt", ListReport.text(list)), ("json", JSONList.text(list)), ("csv", ListReport.csv(list)),
      ("md", ListReport.markdown(list)), ("dot", ListReport.dot(list)),
    ] {
      if let difference = Golden("list/\(input.name).\(format)").difference(from: text) {
        Issue.record("\(difference)")
      }
    }
  }
}
