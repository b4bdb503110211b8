package import Diagnostics
import Documents
package import PolicyModel

/// Turns the nodes of a NetworkPolicy into the model, strictly: every field is known, of the right type and valid,
/// or there is a diagnostic. Decoders of other kinds of policies use its parts.
package struct PolicyDecoder {
  let map: SourceMap
  /// The namespace of objects that name none.
  package let defaultNamespace: String
  /// The findings so far.
  package var diagnostics: [Diagnostic] = []
  /// Where `from`, `to`, `ports` or `port` is written with nothing in it, which means everything.
  var emptyFields: [Origin] = []

  /// The policy of an object's members; nil only where not even the name is known.
  mutating func policy(_ members: [SourceNode.Member], at offset: Int) -> NetworkPolicy? {
    var origins = ["": origin(offset, "")]
    let object = Fields(members, "", ["apiVersion", "kind", "metadata", "spec", "status"], &self)
    let metadata = object.object("metadata", Self.metadataFields, &self)
    let name = self.name(metadata, offset, &origins)
    let namespace = self.namespace(metadata)
    let annotations = metadata.map { textMap($0, "annotations") } ?? []
    checkLabels(metadata, offset)

    if let node = object["spec"] { origins["spec"] = origin(node.offset, "spec") }
    let spec = object.object("spec", ["podSelector", "policyTypes", "ingress", "egress"], &self)
    for field in ["podSelector", "policyTypes", "ingress", "egress"] {
      if let node = spec?[field] { origins["spec.\(field)"] = origin(node.offset, "spec.\(field)") }
    }
    let selector: LabelSelector = spec.flatMap { self.selector($0, "podSelector") } ?? LabelSelector()
    let types = spec.flatMap { policyTypes($0) }
    let ingress = spec.map { rules($0, "ingress", peers: "from") } ?? []
    let egress = spec.map { rules($0, "egress", peers: "to") } ?? []
    guard let name else { return nil }
    return NetworkPolicy(
      id: .init(namespace: namespace, name: name), podSelector: selector, policyTypes: types,
      ingress: ingress,
      egress: egress, annotations: Labels(annotations), origin: origin(offset, ""), origins: origins,
      emptyFields: emptyFields)
  }

  /// The fields that the API server may write into an object's metadata, or kubectl print.
  private static let metadataFields = [
    "name", "namespace", "labels", "annotations", "generateName", "selfLink", "uid", "resourceVersion",
    "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences",
    "finalizers", "managedFields",
  ]

  /// The name of an object of the cluster, and its metadata with labels and annotations checked.
  package mutating func metadata(_ object: Fields, at offset: Int) -> (name: String?, metadata: Fields?) {
    var origins: [String: Origin] = [:]
    let metadata = object.object("metadata", Self.metadataFields, &self)
    let name = self.name(metadata, offset, &origins)
    _ = metadata.map { textMap($0, "annotations") }
    checkLabels(metadata, offset)
    return (name, metadata)
  }

  private mutating func checkLabels(_ metadata: Fields?, _ offset: Int) {
    for pair in metadata.map({ textMap($0, "labels") }) ?? [] {
      checkLabel(pair.key, pair.value, at: metadata?["labels"]?.offset ?? offset, "metadata.labels")
    }
  }

  private mutating func name(
    _ metadata: Fields?, _ offset: Int, _ origins: inout [String: Origin]
  ) -> String? {
    guard let metadata, let node = metadata["name"], let name = self.text(node, "metadata.name"),
      !name.isEmpty
    else {
      if metadata?["name"].map({ if case .refused = $0.content { true } else { !isText($0) } }) != true {
        report(
          "required-value", at: metadata?.offset ?? offset, "metadata.name",
          "Required value: name is required")
      }
      return nil
    }
    origins["metadata.name"] = origin(node.offset, "metadata.name")
    for fault in NameValidation.dnsSubdomain(name) {
      report("invalid-name", at: node.offset, "metadata.name", Messages.invalid(name, fault))
    }
    return name
  }

  private func isText(_ node: SourceNode) -> Bool {
    if case .scalar(_, .string) = node.content { true } else { false }
  }

  private mutating func namespace(_ metadata: Fields?) -> String {
    guard let node = metadata?["namespace"], let namespace = text(node, "metadata.namespace"),
      !namespace.isEmpty
    else { return defaultNamespace }
    for fault in NameValidation.dnsLabel(namespace) {
      report("invalid-name", at: node.offset, "metadata.namespace", Messages.invalid(namespace, fault))
    }
    return namespace
  }

  private mutating func policyTypes(_ spec: Fields) -> [Direction]? {
    guard let entries = spec.list("policyTypes", &self) else { return nil }
    var types: [Direction] = []
    for (index, node) in entries.enumerated() {
      guard let word = text(node, "spec.policyTypes[\(index)]") else { continue }
      if let type = Direction(rawValue: word) {
        types.append(type)
      } else {
        report(
          "unsupported-value", at: node.offset, "spec.policyTypes[\(index)]",
          Messages.unsupported(word, ["Egress", "Ingress"]))
      }
    }
    if entries.count > 2 {
      report(
        "too-many-policy-types", at: entries[2].offset, "spec.policyTypes",
        "Invalid value: [\(types.map { Messages.quoted($0.rawValue) }.joined(separator: ","))]: may not specify more than two policyTypes"
      )
    }
    return types
  }

  private mutating func rules(_ spec: Fields, _ field: String, peers peerField: String) -> [PolicyRule] {
    var rules: [PolicyRule] = []
    for (index, node) in (spec.list(field, &self) ?? []).enumerated() {
      let path = "spec.\(field)[\(index)]"
      guard let rule = Fields(node, path, [peerField, "ports"], &self) else { continue }
      for key in [peerField, "ports"] {
        if let offset = rule.emptyOffset(key) { emptyFields.append(origin(offset, "\(path).\(key)")) }
      }
      let peers = (rule.list(peerField, &self) ?? []).enumerated().map { entry in
        peer(entry.element, "\(path).\(peerField)[\(entry.offset)]")
      }
      let ports = (rule.list("ports", &self) ?? []).enumerated().map { entry in
        port(entry.element, "\(path).ports[\(entry.offset)]")
      }
      // An entry with an error is no entry, and a list of none would allow everything; but then there is an error,
      // and the policy goes nowhere.
      rules.append(
        PolicyRule(
          peers: OneOf(list: peers.compactMap { $0 }), ports: OneOf(list: ports.compactMap { $0 }),
          origin: origin(node.offset, path)))
    }
    return rules
  }
}

// MARK: Findings

extension PolicyDecoder {
  /// Where a field was written.
  package func origin(_ offset: Int, _ field: String) -> Origin { Origin(map.location(offset), field: field) }

  /// Reports an error.
  package mutating func report(_ id: String, at offset: Int, _ field: String, _ message: String) {
    report(.error, id, at: offset, field, message)
  }

  /// Reports a finding.
  package mutating func report(
    _ severity: Severity, _ id: String, at offset: Int, _ field: String, _ message: String
  ) {
    let excerpt = map.excerpt(at: offset)
    diagnostics.append(
      Diagnostic(
        severity, id: id, at: map.location(offset), field: field, message, sourceLine: excerpt.text,
        skippedBytes: excerpt.skipped))
  }
}
