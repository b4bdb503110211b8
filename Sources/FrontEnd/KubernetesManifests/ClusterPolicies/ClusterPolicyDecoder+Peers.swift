import Addresses
import Diagnostics
import Documents
import PolicyModel

extension ClusterPolicyDecoder {
  /// `subject`; nil, with an error, where it is not understood.
  mutating func subject(_ spec: PolicyDecoder.Fields) -> PodSet? {
    guard let node = spec["subject"] else {
      base.report("required-value", at: spec.offset, "spec.subject", "Required value")
      return nil
    }
    let known = ClusterPolicySchema.ingressPeers
    guard let subject = PolicyDecoder.Fields(node, "spec.subject", known, &base),
      let field = oneField(subject, of: known)
    else { return nil }
    if field == "namespaces" {
      return selector(subject, field).map { PodSet(.matching($0), LabelSelector()) }
    }
    return pods(subject, widens: isFromServer)
  }

  /// `pods`: its two selectors; nil, with an error, where one is not understood. Where it `widens`, one that is not
  /// understood counts as one of everything instead.
  mutating func pods(_ fields: PolicyDecoder.Fields, widens: Bool = false) -> PodSet? {
    let known = ["namespaceSelector", "podSelector"]
    guard let both = fields.object("pods", known, &base) else { return nil }
    for key in known where both[key] == nil && (key == "podSelector" || schema.needsNamespaceSelector) {
      base.report("required-value", at: both.offset, both.path(key), "Required value")
    }
    let namespaces = both["namespaceSelector"] == nil ? LabelSelector() : selector(both, "namespaceSelector")
    let pods = both["podSelector"] == nil ? LabelSelector() : selector(both, "podSelector")
    if widens { return PodSet(.matching(namespaces ?? LabelSelector()), pods ?? LabelSelector()) }
    guard let namespaces, let pods else { return nil }
    return PodSet(.matching(namespaces), pods)
  }

  /// A selector that is there; nil, with an error, where a part of it is not understood.
  mutating func selector(_ fields: PolicyDecoder.Fields, _ key: String) -> LabelSelector? {
    let before = base.diagnostics.count
    let selector = base.selector(fields, key)
    return hasErrors(in: before..<base.diagnostics.count) ? nil : selector
  }

  /// `networks`: a list of blocks, each written once.
  mutating func networks(_ peer: PolicyDecoder.Fields, _ node: SourceNode) -> [Peer] {
    let path = peer.path("networks")
    guard let entries = peer.list("networks", &base) else { return [] }
    checkCount(entries.count, path, at: node.offset, most: 25)
    if isFromServer, entries.isEmpty { base.report("too-few", at: node.offset, path, "no block") }
    var known: Set<String> = []
    var blocks: [Peer] = []
    for (index, entry) in entries.enumerated() {
      let field = "\(path)[\(index)]"
      guard let text = base.text(entry, field) else { continue }
      guard known.insert(text).inserted else {
        if !isFromServer {
          base.report(
            "duplicate-value", at: entry.offset, field, "Duplicate value: \(Messages.quoted(text))")
        }
        continue
      }
      if text.utf8.count > 43 {
        base.report("too-long", at: entry.offset, field, "Too long: may not be more than 43 bytes")
      } else if let block = block(text, at: entry.offset, field) {
        blocks.append(Peer(.ipBlock(IPBlock(block)), origin: base.origin(entry.offset, field)))
      }
    }
    return blocks
  }

  private mutating func block(_ text: String, at offset: Int, _ field: String) -> CIDR? {
    let invalid = Messages.invalid(text, "Invalid CIDR format provided")
    guard let (block, hostBitsSet) = try? CIDR.parse(text) else {
      base.report("invalid-cidr", at: offset, field, invalid)
      return nil
    }
    if hostBitsSet, schema.refusesHostBits, !isFromServer {
      base.report(
        "host-bits", at: offset, field, "\(invalid): the canonical form is \"\(block)\"")
    } else if hostBitsSet {
      base.report(
        .warning, "host-bits", at: offset, field,
        Messages.invalid(
          text, "should not have bits set beyond its prefix length: the canonical form is \"\(block)\""))
    }
    return block
  }

  /// Checks `domainNames`: names of two labels or more, or `*.` before them.
  mutating func checkDomains(_ peer: PolicyDecoder.Fields, _ node: SourceNode) {
    let path = peer.path("domainNames")
    guard let entries = peer.list("domainNames", &base) else { return }
    checkCount(entries.count, path, at: node.offset, most: 25)
    var known: Set<String> = []
    for (index, entry) in entries.enumerated() {
      let field = "\(path)[\(index)]"
      guard let text = base.text(entry, field) else { continue }
      if !known.insert(text).inserted {
        base.report("duplicate-value", at: entry.offset, field, "Duplicate value: \(Messages.quoted(text))")
      } else if !DomainPattern.accepts(text, schema) {
        base.report(
          "invalid-domain", at: entry.offset, field,
          "Invalid value: \(Messages.quoted(text)): \(field) in body should match '\(DomainPattern.text(schema))'"
        )
      }
    }
  }
}

/// The pattern of a domain's name in the custom resource definition. v1alpha2 writes `A-z`, which lets some signs begin a
/// label; v1beta1 mends it.
enum DomainPattern {
  /// The pattern, as the API server shows it.
  static func text(_ schema: ClusterPolicySchema) -> String {
    let first = schema.hasExperimentalNames ? "[a-zA-Z0-9]" : "[a-zA-z0-9]"
    let label = "\(first)([-a-zA-Z0-9_]*[a-zA-Z0-9])?"
    return "^(\\*\\.)?(\(label)\\.)+\(label)\\.?$"
  }

  /// True where the pattern matches a text.
  static func accepts(_ text: String, _ schema: ClusterPolicySchema) -> Bool {
    var name = text[...]
    if name.hasPrefix("*.") { name = name.dropFirst(2) }
    if name.hasSuffix(".") { name = name.dropLast() }
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.count >= 2 && labels.allSatisfy { isLabel($0, schema) }
  }

  private static func isLabel(_ label: Substring.UTF8View.SubSequence, _ schema: ClusterPolicySchema) -> Bool
  {
    guard let first = label.first, let last = label.last else { return false }
    func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
    func begins(_ byte: UInt8) -> Bool {
      isWord(byte) || !schema.hasExperimentalNames && (0x5b...0x60).contains(byte)
    }
    if label.count == 1 { return begins(first) }
    return begins(first) && isWord(last)
      && label.dropFirst().allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
  }
}
