public import Lowering
public import PolicyModel
public import Proving
public import Ruleset
public import RulesetText
import Verification

/// The ruleset of one node, or of the whole cluster, with all that is needed to prove, write and apply it.
///
/// ```swift
/// let ruleset = CompiledRuleset(of: cluster, LoweringOptions(node: "node-a", modes: modes))
/// let proof = ruleset.proof()
/// let report = try Enforcer().apply(ruleset.request())
/// ```
public struct CompiledRuleset: Sendable {
  /// The policies and pods that it was made from.
  public let cluster: Cluster
  /// The table with the origin of each part.
  public let lowered: LoweredRuleset
  /// The digests of policies and inventory.
  public let digests: InputDigests
  /// The node whose pods are isolated; nil: every pod.
  public let node: String?

  /// Compiles a cluster. O(n log n) in policies and pods.
  ///
  /// - Parameters:
  ///   - cluster: policies and pods, without contradictions.
  ///   - options: the node, and the modes of enforcement.
  public init(of cluster: Cluster, _ options: LoweringOptions = LoweringOptions()) {
    var lowerer = Lowerer(cluster)
    self.init(cluster: cluster, lowered: lowerer.lower(options), node: options.node)
  }

  /// A ruleset that is lowered already.
  ///
  /// - Parameters:
  ///   - cluster: what it was made from.
  ///   - lowered: the table with the origin of each part.
  ///   - node: the node whose pods are isolated; nil: every pod.
  ///   - digests: the digests of `cluster`; nil: they are computed.
  public init(cluster: Cluster, lowered: LoweredRuleset, node: String?, digests: InputDigests? = nil) {
    self.cluster = cluster
    self.lowered = lowered
    self.node = node
    self.digests = digests ?? InputDigests(cluster)
  }

  /// Proves that the table does what the policies say, in its modes.
  public func proof() -> Proof { proof(of: lowered.table) }

  /// Holds any table, such as the one that was read back from the kernel, against the same policies and modes.
  public func proof(of table: Table) -> Proof {
    Proof(of: table, for: cluster, node: node, lowered.modes)
  }

  /// The text that replaces the table, with the origin of each line.
  public var printed: PrintedRuleset {
    NFTPrinter.printed(replacing: lowered.table, annotations: annotations)
  }

  /// The text that libnftables is given, with the origin of each line: without the lines that begin with `#`.
  public var sent: PrintedRuleset { NFTPrinter.printed(replacing: lowered.table) }

  /// The text for people again; sets that were printed for other nodes are taken from `sets`.
  public func printed(reusing sets: inout PrintedSets) -> PrintedRuleset {
    NFTPrinter.printed(replacing: lowered.table, annotations: annotations, reusing: &sets)
  }

  /// The ruleset as libnftables' JSON, which replaces the table as well.
  public var json: String { JSONPrinter.replacing(lowered.table) }

  /// The text of the map file of a ruleset's text: see `RulesetMap`.
  ///
  /// - Parameters:
  ///   - text: the ruleset's text, in either format.
  ///   - isProven: whether the ruleset was proved.
  /// - Returns: JSON that ends with a line feed.
  public func map(of text: String, isProven: Bool) -> String {
    RulesetMap(
      provenance: lowered.provenance, digests: digests, ruleset: text, node: node, isProven: isProven,
      modes: lowered.modes
    ).text
  }

  private var annotations: Annotations {
    var annotations = lowered.annotations
    annotations.header =
      RulesetHeader(cluster: cluster, lowered: lowered, digests: digests, node: node).lines
    return annotations
  }
}
