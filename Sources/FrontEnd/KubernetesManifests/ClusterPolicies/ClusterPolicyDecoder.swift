import Diagnostics
import Documents
import PolicyModel

/// Turns the nodes of a ClusterNetworkPolicy, or of one of its two earlier kinds, into a policy of the model.
///
/// In a file every field is known, of the right type and valid, or there is an error. In an object that a server returned,
/// what is not understood was understood by that server: its rule is closed (an accepting one matches nothing, another
/// denies everything), or the directions of the whole object where not even its subjects or its tier are understood.
struct ClusterPolicyDecoder {
  /// The decoder of the parts that policies share, with the findings.
  var base: PolicyDecoder
  let schema: ClusterPolicySchema
  /// True where a server has accepted the object.
  var isFromServer: Bool

  init(_ base: PolicyDecoder, _ schema: ClusterPolicySchema, isFromServer: Bool = false) {
    self.base = base
    self.schema = schema
    self.isFromServer = isFromServer
  }

  /// The fields of a specification that say for whom and when its rules are.
  private struct Head {
    var tier: TierKind
    var priority: Int
    var subjects: PodSet
    /// True where all of them were understood.
    var isWhole: Bool
  }

  /// The policy of an object's members; nil only where not even the name is known.
  mutating func policy(_ members: [SourceNode.Member], at offset: Int) -> Policy? {
    let metadataNode = members.first { $0.key == "metadata" }?.value
    if case .object(let fields)? = metadataNode?.content,
      fields.contains(where: { $0.key == "uid" && !$0.value.isNull })
    {
      isFromServer = true
    }
    let start = base.diagnostics.count
    let object = PolicyDecoder.Fields(
      members, "", ["apiVersion", "kind", "metadata", "spec", "status"], &base)
    let (name, metadata) = base.metadata(object, at: offset)
    if let node = metadata?["namespace"] {
      base.report(
        .warning, "namespace-ignored", at: node.offset, "metadata.namespace",
        "\(schema.kind.rawValue) is an object of the cluster: a namespace means nothing")
    }
    if schema.isSingleton, let name, name != "default" {
      base.report(
        "invalid-name", at: metadata?["name"]?.offset ?? offset, "metadata.name",
        "Invalid value: \(Messages.quoted(name)): Only one baseline admin network policy with metadata.name=\"default\" can be created in the cluster"
      )
    }
    // A server may know more about its objects than how they are called.
    if isFromServer { demote(start, "it is passed over") }
    guard let specNode = object["spec"] else {
      base.report("required-value", at: offset, "spec", "Required value")
      return close(start, offset, name, head: nil, [:])
    }
    guard let spec = PolicyDecoder.Fields(specNode, "spec", schema.specFields, &base) else {
      return close(start, specNode.offset, name, head: nil, [:])
    }
    let head = head(spec)
    let isClosed = start..<base.diagnostics.count
    var rules: [Direction: [PolicyRule]] = [:]
    var understandsActions = true
    for direction in Direction.allCases {
      rules[direction] = self.rules(spec, direction, &understandsActions)
    }
    noteEarlierKind(offset)
    guard let name else { return nil }
    if isFromServer, !head.isWhole || !understandsActions || hasErrors(in: isClosed) {
      return close(start, spec.offset, name, head: head, rules)
    }
    return policy(named: name, head, rules, spec, offset)
  }

  private func policy(
    named name: String, _ head: Head, _ rules: [Direction: [PolicyRule]], _ spec: PolicyDecoder.Fields,
    _ offset: Int
  ) -> Policy {
    Policy(
      id: PolicyID(schema.kind, namespace: nil, name: name), tier: head.tier, priority: head.priority,
      subjects: head.subjects, ingress: rules[.ingress], egress: rules[.egress],
      subjectsOrigin: base.origin(spec["subject"]?.offset ?? offset, "spec.subject"),
      origin: base.origin(offset, ""))
  }

  /// `tier`, `priority` and `subject`; where one is not understood, what denies most.
  private mutating func head(_ spec: PolicyDecoder.Fields) -> Head {
    let before = base.diagnostics.count
    let tier = schema.tier ?? self.tier(spec)
    let priority = schema.isSingleton ? 0 : self.priority(spec)
    let subjects = subject(spec)
    return Head(
      tier: tier ?? .admin, priority: priority ?? 0,
      subjects: subjects ?? PodSet(.matching(LabelSelector()), LabelSelector()),
      isWhole: !hasErrors(in: before..<base.diagnostics.count))
  }

  private mutating func tier(_ spec: PolicyDecoder.Fields) -> TierKind? {
    guard let word = requiredText(spec, "tier") else { return nil }
    switch word {
    case "Admin": return .admin
    case "Baseline": return .baseline
    default:
      base.report(
        "unsupported-value", at: spec["tier"]?.offset ?? spec.offset, "spec.tier",
        Messages.unsupported(word, ["Admin", "Baseline"]))
      return nil
    }
  }

  private mutating func priority(_ spec: PolicyDecoder.Fields) -> Int? {
    guard let node = spec["priority"] else {
      base.report("required-value", at: spec.offset, "spec.priority", "Required value")
      return nil
    }
    return base.number(node, "spec.priority", in: 0...1000)
  }

  /// The note about the two kinds that came before ClusterNetworkPolicy.
  private mutating func noteEarlierKind(_ offset: Int) {
    guard let tier = schema.tier else { return }
    let name = tier == .admin ? "Admin" : "Baseline"
    base.report(
      .note, "earlier-kind", at: offset, "kind",
      "\(schema.kind.rawValue) is read as a ClusterNetworkPolicy of the tier \(name), which took its place; Allow means Accept"
    )
  }

  /// The policy of an object whose subjects, tier or actions were not understood, with its errors as warnings: it denies all
  /// traffic in the directions that it has rules for. In a file the errors stay, and it means nothing.
  private mutating func close(
    _ start: Int, _ offset: Int, _ name: String?, head: Head?, _ rules: [Direction: [PolicyRule]]
  ) -> Policy? {
    guard isFromServer, let name else { return nil }
    let directions = Direction.allCases.filter { rules[$0] != nil }
    let words = directions.map { $0.rawValue.lowercased() }.joined(separator: " and ")
    demote(
      start,
      head == nil
        ? "the object has no effect" : "all \(words.isEmpty ? "traffic" : words) of its subjects is denied")
    guard let head else { return nil }
    let origin = base.origin(offset, "spec")
    func closed(_ direction: Direction) -> [PolicyRule]? {
      directions.contains(direction)
        ? [PolicyRule(.deny, name: "closed", peers: .everything, ports: .everything, origin: origin)] : nil
    }
    return Policy(
      id: PolicyID(schema.kind, namespace: nil, name: name), tier: .admin, priority: 0,
      subjects: head.subjects, ingress: closed(.ingress), egress: closed(.egress), subjectsOrigin: origin,
      origin: base.origin(offset, ""))
  }
}

// MARK: Findings

extension ClusterPolicyDecoder {
  /// True where there is an error among some findings.
  func hasErrors(in range: Range<Int>) -> Bool {
    base.diagnostics[range].contains { $0.severity == .error }
  }

  /// Makes warnings of the errors from a place on: a server has accepted what they are about.
  mutating func demote(_ start: Int, _ consequence: String) {
    for index in base.diagnostics.indices[start...] where base.diagnostics[index].severity == .error {
      let error = base.diagnostics[index]
      base.diagnostics[index] = Diagnostic(
        .warning, id: "closed-policy", at: error.location, field: error.field,
        "\(error.message); not understood, so \(consequence)", sourceLine: error.sourceLine,
        notes: error.notes)
    }
  }

  /// A text that must be there; nil with an error where it is not, or is none.
  mutating func requiredText(_ fields: PolicyDecoder.Fields, _ key: String) -> String? {
    guard let node = fields[key] else {
      base.report("required-value", at: fields.offset, fields.path(key), "Required value")
      return nil
    }
    return base.text(node, fields.path(key))
  }

  /// The one of several fields that is set: the union of an API. Nil, with an error, where none or several are.
  mutating func oneField(_ fields: PolicyDecoder.Fields, of names: [String]) -> String? {
    let set = names.filter { fields[$0] != nil }
    // An unknown field is reported already; it was probably meant to be this one.
    let isTold = base.diagnostics.last.map {
      $0.id == "unknown-field" && $0.field.hasPrefix("\(fields.path).")
    }
    if set.isEmpty, isTold != true {
      base.report("one-field", at: fields.offset, fields.path, Self.tooFew(fields.path, "properties"))
    } else if set.count > 1 {
      base.report(
        "one-field", at: fields.offset, fields.path, "Too many: \(set.count): must have at most 1 item")
    }
    return set.count == 1 ? set[0] : nil
  }

  /// Checks the length of a list; a server's own objects may be as long as they are.
  mutating func checkCount(_ count: Int, _ path: String, at offset: Int, most: Int, needsOne: Bool = true) {
    if isFromServer { return }
    if needsOne, count == 0 {
      base.report("too-few", at: offset, path, Self.tooFew(path, "items"))
    } else if count > most {
      base.report("too-many", at: offset, path, "Too many: \(count): must have at most \(most) items")
    }
  }

  private static func tooFew(_ path: String, _ what: String) -> String {
    "Invalid value: 0: \(path) in body should have at least 1 \(what)"
  }
}
