package import Addresses
import Diagnostics
import Documents
package import PolicyModel

extension PolicyDecoder {
  /// A label selector; nil when it is absent, null or no object.
  package mutating func selector(_ fields: Fields, _ key: String) -> LabelSelector? {
    let path = fields.path(key)
    guard let selector = fields.object(key, ["matchLabels", "matchExpressions"], &self) else { return nil }
    var requirements: [LabelSelector.Requirement] = []
    if let node = selector["matchLabels"], case .object(let members) = node.content {
      for member in members {
        let field = "\(path).matchLabels"
        let value = member.value.isNull ? "" : text(member.value, "\(field).\(member.key)")
        guard let value else { continue }
        for fault in LabelValidation.key(member.key) {
          report("invalid-label", at: member.keyOffset, field, Messages.invalid(member.key, fault))
        }
        for fault in LabelValidation.value(value) {
          report("invalid-label", at: member.value.offset, field, Messages.invalid(value, fault))
        }
        requirements.append(.init(member.key, .isIn, [value]))
      }
    } else if let node = selector["matchLabels"] {
      wrongType(node, "\(path).matchLabels", "an object")
    }
    for (index, node) in (selector.list("matchExpressions", &self) ?? []).enumerated() {
      if let requirement = self.requirement(node, "\(path).matchExpressions[\(index)]") {
        requirements.append(requirement)
      }
    }
    return LabelSelector(requirements)
  }

  private mutating func requirement(_ node: SourceNode, _ path: String) -> LabelSelector.Requirement? {
    guard let fields = Fields(node, path, ["key", "operator", "values"], &self) else {
      return nil
    }
    let key = fields["key"].map { text($0, fields.path("key")) } ?? ""
    if let key {
      for fault in LabelValidation.key(key) {
        report(
          "invalid-label", at: fields["key"]?.offset ?? node.offset, fields.path("key"),
          Messages.invalid(key, fault))
      }
    }
    let entries = fields.list("values", &self) ?? []
    var values: [String] = []
    for (index, entry) in entries.enumerated() {
      let field = "\(path).values[\(index)]"
      guard let value = text(entry, field) else { continue }
      for fault in LabelValidation.value(value) {
        report("invalid-label", at: entry.offset, field, Messages.invalid(value, fault))
      }
      values.append(value)
    }
    let word = fields["operator"].map { text($0, fields.path("operator")) } ?? ""
    guard let word else { return nil }
    guard let relation = LabelSelector.Operator(rawValue: word) else {
      report(
        "invalid-operator", at: fields["operator"]?.offset ?? node.offset, fields.path("operator"),
        Messages.invalid(word, "not a valid selector operator"))
      return nil
    }
    let offset = fields["values"]?.offset ?? fields["operator"]?.offset ?? node.offset
    switch relation {
    case .isIn, .notIn:
      if entries.isEmpty {
        report(
          "selector-values", at: offset, fields.path("values"),
          "Required value: must be specified when `operator` is 'In' or 'NotIn'")
      }
    case .exists, .doesNotExist:
      if !entries.isEmpty {
        report(
          "selector-values", at: offset, fields.path("values"),
          "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
      }
    }
    return key.map { .init($0, relation, values) }
  }

  /// An entry of `from` or `to`.
  mutating func peer(_ node: SourceNode, _ path: String) -> Peer? {
    guard let fields = Fields(node, path, ["podSelector", "namespaceSelector", "ipBlock"], &self) else {
      return nil
    }
    let count = ["podSelector", "namespaceSelector", "ipBlock"].count { fields[$0] != nil }
    guard count > 0 else {
      report("peer-required", at: node.offset, path, "Required value: must specify a peer")
      return nil
    }
    let pods = selector(fields, "podSelector")
    let namespaces = selector(fields, "namespaceSelector")
    guard fields["ipBlock"] != nil else {
      let isWhole =
        (fields["podSelector"] == nil || pods != nil)
        && (fields["namespaceSelector"] == nil || namespaces != nil)
      guard isWhole else { return nil }
      return Peer(
        .pods(namespaces.map(NamespaceScope.matching) ?? .own, pods ?? LabelSelector()),
        origin: origin(node.offset, path))
    }
    let block = ipBlock(fields)
    if count > 1 {
      report(
        "peer-conflict", at: node.offset, path, "Forbidden: may not specify both ipBlock and another peer")
      return nil
    }
    return block.map { Peer(.ipBlock($0), origin: origin(node.offset, path)) }
  }

  private mutating func ipBlock(_ peer: Fields) -> IPBlock? {
    guard let fields = peer.object("ipBlock", ["cidr", "except"], &self) else { return nil }
    let path = fields.path
    let written = fields["cidr"].map { text($0, "\(path).cidr") } ?? ""
    if written == "" {
      report("required-value", at: fields["cidr"]?.offset ?? fields.offset, "\(path).cidr", "Required value")
    }
    let cidr = written.flatMap {
      $0.isEmpty ? nil : block($0, at: fields["cidr"]?.offset ?? 0, "\(path).cidr")
    }
    var except: [CIDR] = []
    for (index, entry) in (fields.list("except", &self) ?? []).enumerated() {
      let field = "\(path).except[\(index)]"
      guard let text = self.text(entry, field), let inner = block(text, at: entry.offset, field) else {
        continue
      }
      if let cidr, !inner.isStrictSubset(of: cidr) {
        report(
          "except-not-subset", at: entry.offset, field,
          Messages.invalid(text, "must be a strict subset of `cidr`"))
      }
      except.append(inner)
    }
    return cidr.map { IPBlock($0, except: except) }
  }

  /// A block of addresses; nil, with an error, where it is none.
  package mutating func block(_ text: String, at offset: Int, _ field: String) -> CIDR? {
    do {
      let (block, hostBitsSet) = try CIDR.parse(text)
      if hostBitsSet {
        report(
          .warning, "host-bits", at: offset, field,
          Messages.invalid(
            text, "should not have bits set beyond its prefix length: the canonical form is \"\(block)\""))
      }
      return block
    } catch {
      report("invalid-cidr", at: offset, field, Messages.cidr(text, error))
      return nil
    }
  }
}
