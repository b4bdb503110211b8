import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import PolicyAssert
import Ruleset
import RulesetText

#if os(Linux)
  import Enforcement
#endif

/// A parser of bytes that netpolc did not write itself, and what must hold of it whatever the bytes are.
///
/// The caller notices a crash, a hang and unlimited memory.
public enum FuzzTarget: String, Sendable, Hashable, CaseIterable {
  /// Policies and inventories in YAML.
  case yamlManifests = "yaml-manifests"
  /// Policies and inventories in JSON.
  case jsonManifests = "json-manifests"
  /// Expectations of `assert`, in YAML or JSON.
  case expectations
  /// Rulesets as nft text.
  case nftText = "nft-text"
  /// Rulesets as libnftables' JSON.
  case nftJSON = "nft-json"
  /// The map file beside a ruleset.
  case mapFile = "map-file"
  /// The record of what is installed.
  case stateFile = "state-file"
  /// The files of a change that waits for its confirmation, and of the last change that was not confirmed.
  case confirmationFiles = "confirmation-files"

  /// Reads an input and looks at what came of it.
  ///
  /// - Returns: what does not hold, in a sentence; nil when all is well, which a refusal of the input is too.
  public func violation(_ input: [UInt8]) -> String? {
    switch self {
    case .yamlManifests: return Self.manifests(ManifestSource(name: "input.yaml", bytes: input))
    case .jsonManifests: return Self.manifests(ManifestSource(name: "input.json", bytes: input))
    case .expectations:
      let source = ManifestSource(name: "input", bytes: input)
      let (expectations, diagnostics) = ExpectationReader.read(source)
      if expectations.isEmpty, diagnostics.isEmpty {
        return "nothing was read, and nothing is said to be wrong"
      }
      return Self.rendered(diagnostics)
    case .nftText: return Self.ruleset(String(decoding: input, as: UTF8.self), isJSON: false)
    case .nftJSON: return Self.ruleset(String(decoding: input, as: UTF8.self), isJSON: true)
    case .mapFile:
      let seal = try? RulesetSeal(reading: String(decoding: input, as: UTF8.self))
      return seal.flatMap { $0.ruleset.utf8.count > input.count * 4 ? "a digest out of nowhere" : nil }
    case .stateFile:
      #if os(Linux)
        return Self.state(String(decoding: input, as: UTF8.self))
      #else
        return nil
      #endif
    case .confirmationFiles:
      #if os(Linux)
        return Self.confirmation(String(decoding: input, as: UTF8.self))
      #else
        return nil
      #endif
    }
  }

  private static func manifests(_ source: ManifestSource) -> String? {
    for inventoryOnly in [false, true] {
      let read = ManifestReader(inventoryOnly: inventoryOnly).read([source])
      let (contents, diagnostics) = (read.contents, read.diagnostics)
      let errors = diagnostics.contains { $0.severity == .error }
      if errors, !contents.policies.isEmpty { return "policies came out of a source with an error" }
      if inventoryOnly, !contents.policies.isEmpty { return "policies came out of an inventory" }
      if let problem = rendered(diagnostics) { return problem }
      if errors { continue }
      let resolved = Cluster.resolve(contents)
      if let problem = rendered(resolved.diagnostics + resolved.cluster.effectWarnings()) { return problem }
    }
    return nil
  }

  /// Every finding has a message, and a place that exists.
  private static func rendered(_ diagnostics: [Diagnostic]) -> String? {
    let renderer = DiagnosticRenderer(colour: true)
    for diagnostic in diagnostics {
      if let place = diagnostic.location, place.line < 1 || place.column < 1 {
        return "\(diagnostic.id) stands at \(place)"
      }
      if renderer.render(diagnostic).isEmpty { return "\(diagnostic.id) has no message" }
    }
    return nil
  }

  /// A ruleset that was read prints as text that reads the same. Statements that the model does not have are
  /// left out: they are kept for people, and never printed to be loaded.
  private static func ruleset(_ text: String, isJSON: Bool) -> String? {
    guard let read = isJSON ? try? JSONReader.read(text) : try? NFTReader.read(text) else { return nil }
    guard read.isModelled else { return nil }
    do throws(ReadFailure) {
      let meant = read.withoutComments
      if try NFTReader.read(NFTPrinter.print(read)).withoutComments != meant {
        return "it reads otherwise when printed as text"
      }
      if try JSONReader.read(JSONPrinter.print(read)).withoutComments != meant {
        return "it reads otherwise when printed as JSON"
      }
      return nil
    } catch { return "what was printed cannot be read: \(error)" }
  }
}

extension Ruleset {
  /// The same without the comments of rules, which are printed as far as the kernel keeps them.
  fileprivate var withoutComments: Ruleset {
    Ruleset(tables.map(\.withoutComments))
  }

  /// True where the model has words for all of it.
  fileprivate var isModelled: Bool { tables.allSatisfy(\.isModelled) }
}

extension Table {
  /// True where the model has words for all of it.
  var isModelled: Bool {
    unmodelled.isEmpty
      && chains.allSatisfy { chain in
        chain.rules.allSatisfy { rule in
          rule.statements.allSatisfy { if case .unmodelled = $0 { false } else { true } }
        }
      }
  }

  /// The same without the comments of rules.
  var withoutComments: Table {
    var copy = self
    for chain in chains.indices {
      for rule in chains[chain].rules.indices { copy.chains[chain].rules[rule].comment = nil }
    }
    return copy
  }
}
