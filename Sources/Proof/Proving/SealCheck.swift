public import RulesetText

/// The comparison of a map file's digests with a ruleset and its inputs.
///
/// The digests tie a ruleset to the policies and pods that it was proved against. They are no signature: a program that can
/// write the ruleset can write the map. A consumer that needs certainty proves the ruleset again.
public struct SealCheck: Sendable, Hashable {
  /// One row that was compared.
  public struct Mismatch: Sendable, Hashable {
    /// `ruleset`, `policies`, `inventory` or `node`.
    public let part: String
    /// The digest or name in the map; nil where it has none.
    public let sealed: String?
    /// The digest or name of the input; empty where there is none.
    public let found: String
  }

  /// The rows that differ, in the order ruleset, policies, inventory, node; empty where the map belongs to the inputs.
  public let mismatches: [Mismatch]

  /// Compares a seal with the digests of a ruleset and its inputs.
  ///
  /// - Parameters:
  ///   - seal: the digests of the map file.
  ///   - ruleset: the digest of the ruleset's text, as hexadecimal digits.
  ///   - policies: the digest of the policies.
  ///   - inventory: the digest of pods and namespaces.
  ///   - node: the node whose pods are isolated; nil: every pod.
  public init(_ seal: RulesetSeal, ruleset: String, policies: String, inventory: String, node: String?) {
    let rows: [(String, String?, String)] = [
      ("ruleset", seal.ruleset, ruleset), ("policies", seal.policies, policies),
      ("inventory", seal.inventory, inventory), ("node", seal.node ?? "", node ?? ""),
    ]
    mismatches = rows.filter { $0.1 != $0.2 }.map { Mismatch(part: $0.0, sealed: $0.1, found: $0.2) }
  }
}
