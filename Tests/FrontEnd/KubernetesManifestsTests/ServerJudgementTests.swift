import Diagnostics
import Documents
import Foundation
import KubernetesManifests
import TestSupport
import Testing

/// A hundred ClusterNetworkPolicies that a real API server accepted or refused, with the custom resource definitions of
/// both channels.
@Suite("ClusterNetworkPolicies as an API server judges them", .bounded)
struct ServerJudgementTests {
  /// A POST of an object, and the answer.
  private struct Judgement {
    let name: String
    let isAccepted: Bool
    /// `field: message` of each cause that is about a field.
    let causes: [String]
    let text: String

    init(_ entry: [String: Any]) throws {
      name = entry["case"] as? String ?? ""
      isAccepted = entry["accepted"] as? Bool ?? false
      let causes = entry["causes"] as? [[String: String]] ?? []
      // A sentence of the server's own, that it stopped there.
      self.causes = causes.filter { $0["field"] != "<nil>" }.map {
        "\($0["field"] ?? ""): \($0["message"] ?? "")"
      }
      let object = try JSONSerialization.data(withJSONObject: entry["object"] ?? [:], options: [.sortedKeys])
      text = String(decoding: object, as: UTF8.self)
    }
  }

  private static func judgements(_ channel: String) throws -> [Judgement] {
    let text = try Fixtures.text("kubernetes-api/clusternetworkpolicy/\(channel).json")
    let entries = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
    return try entries.map(Judgement.init)
  }

  private func findings(_ text: String) -> [Diagnostic] {
    ManifestReader().read([ManifestSource(name: "c.json", text: text)]).diagnostics
  }

  /// Errors of a file that no server finds: it checks no selector (F4), and knows no v1beta1 yet.
  private static let strictHere: Set<String> = [
    "selector bad operator", "selector In without values", "selector bad key", "selector bad value",
  ]
  /// Accepted here whatever the server that was asked says: a later version, and what only one channel refuses.
  private static let lenientHere: Set<String> = [
    "v1beta1", "named port with networks", "named port with networks and pods",
  ]

  @Test("what it accepts is read, what it refuses is an error", arguments: ["standard", "experimental"])
  func verdicts(channel: String) throws {
    let judgements = try Self.judgements(channel)
    #expect(judgements.count == 100)
    for judgement in judgements where !Self.lenientHere.contains(judgement.name) {
      let errors = findings(judgement.text).filter { $0.severity == .error }
      // The standard channel has neither nodes nor domains; a file may be meant for either.
      let isOfOtherChannel =
        channel == "standard" && ["nodes", "domain"].contains { judgement.name.hasPrefix($0) }
      if isOfOtherChannel { continue }
      let isRight = judgement.isAccepted && !Self.strictHere.contains(judgement.name)
      #expect(errors.isEmpty == isRight, "\(judgement.name): \(errors.map(\.message))")
    }
  }

  @Test("and in the same words", arguments: ["standard", "experimental"])
  func words(channel: String) throws {
    for judgement in try Self.judgements(channel) where !judgement.causes.isEmpty {
      if Self.lenientHere.contains(judgement.name) { continue }
      let errors = findings(judgement.text).filter { $0.severity == .error }
      let said = errors.map { "\($0.field): \($0.message)" }
      // Types are named in words of the file, with what was found.
      if errors.contains(where: { $0.id == "wrong-type" }) {
        #expect(judgement.causes.contains { $0.contains("must be of type") }, "\(judgement.name)")
        #expect(
          errors.map(\.field) == Array(Set(judgement.causes.map { $0.prefix { $0 != ":" } }.map(String.init)))
        )
        continue
      }
      #expect(said == judgement.causes, "\(judgement.name)")
    }
  }
}
