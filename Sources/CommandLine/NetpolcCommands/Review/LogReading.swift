import ArgumentParser
import Lowering
import PolicyModel
import PolicyExplain
import TableLayout

/// Reads the lines that `--log-denied` makes the kernel write, and asks the policies about each connection once.
struct LogReading {
  /// A line itself, a file, or `-` for standard input.
  let source: String

  /// The explanation of a log by the policies and pods of a cluster.
  func explained(_ cluster: Cluster) throws -> ExplainedLog {
    let text = DenialPrefix.find(in: source[...]) == nil ? try InputFile(path: source).text() : source
    var lowerer = Lowerer(cluster)
    let chains = DenyingChains(lowerer.lower())
    var counts: [LoggedDenial.Key: (chain: LoggedDenial.Chain, lines: Int)] = [:]
    var (damaged, foreign) = (0, 0)
    for bytes in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let line = Substring(bytes)
      guard let (prefix, packet) = Self.read(line) else {
        foreign += 1
        continue
      }
      guard let packet else {
        damaged += 1
        continue
      }
      let key = LoggedDenial.Key(
        isAudit: prefix.isAudit, chain: prefix.chain, isReply: chains.isOfReplies(prefix), packet)
      counts[key, default: (chains[prefix].chain, 0)].lines += 1
    }
    // Packets to the node are logged only where policies hold at the input hook.
    let explainer = Explainer(cluster, podToNode: .policies)
    return ExplainedLog(
      try counts.map { try explainer.explain($0.key, $0.value.chain, lines: $0.value.lines) },
      damaged: damaged, foreign: foreign)
  }

  /// The prefix of a line and its packet, nil where that is not whole; nil for a line of another program.
  private static func read(_ line: Substring) -> (DenialPrefix, LoggedPacket?)? {
    switch LogLine(line) {
    case .text(let words):
      DenialPrefix.find(in: words).map { ($0.prefix, LoggedPacket(fields: $0.rest)) }
    case .record(let prefix, let packet):
      DenialPrefix.find(in: prefix[...]).map { ($0.prefix, packet) }
    }
  }
}

extension DenyingChains.Meaning? {
  /// The same in the words of the review, which knows no rulesets.
  fileprivate var chain: LoggedDenial.Chain {
    switch self {
    case .pods(let chain, _): .pods(chain.direction, chain.policies, pods: chain.pods)
    case .shared: .shared
    case .rule(let rule, _):
      .rule(
        LoggedDenial.Rule(
          tier: rule.tier, policy: rule.policy, direction: rule.direction, number: rule.number,
          name: rule.name))
    case .unknownPods: .unknownPods
    case .forgedSources: .forgedSources
    case nil: .missing
    }
  }
}
