import Addresses
import Documents
import PolicyModel

extension DocumentReader where Cursor: ~Copyable {
  /// Reads the `spec` of a workload: its number of pods, and their template.
  mutating func readWorkloadSpec(_ field: String, _ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject(field) else { return }
    while let word = try nextMember(field) {
      switch word {
      case .replicas, .parallelism: draft.replicas = try integer("\(field).replicas")
      case .template: try readPodTemplate("\(field).template", &draft)
      default: try skip()
      }
    }
  }

  /// Reads a template of pods: their labels and their spec.
  private mutating func readPodTemplate(_ field: String, _ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject(field) else { return }
    while let word = try nextMember(field) {
      switch word {
      case .metadata:
        guard try entersObject("\(field).metadata") else { continue }
        while let word = try nextMember("\(field).metadata") {
          if word == .labels { draft.labels = try readLabels("\(field).metadata.labels") } else { try skip() }
        }
      case .spec: try readPodSpec("\(field).spec", &draft)
      default: try skip()
      }
    }
  }

  /// Reads a member of an object of a kind that is known only by its pod template, if it has one; the current event is the
  /// member's value. What is wrong with it is kept only where there is a template.
  ///
  /// - Parameters:
  ///   - word: the member.
  ///   - path: the fields that lead to the template.
  ///   - draft: the fields found so far.
  /// - Throws: a fault of the syntax.
  mutating func readCustomMember(
    _ word: FieldName, _ path: [String], _ draft: inout ObjectDraft
  ) throws(SyntaxFault) {
    let count = context.diagnostics.count
    switch word {
    case .metadata: try readMetadata(isWorkload: true, &draft)
    case .spec where path.first == "spec": try readCustomField("spec", path.dropFirst(), &draft)
    default: try skip()
    }
    draft.customFindings += context.diagnostics[count...]
    context.diagnostics.removeSubrange(count...)
  }

  private mutating func readCustomField(
    _ field: String, _ rest: ArraySlice<String>, _ draft: inout ObjectDraft
  ) throws(SyntaxFault) {
    guard let next = rest.first else {
      try readPodTemplate(field, &draft)
      return
    }
    guard event == .objectStart else {
      try skip()
      return
    }
    while let name = try nextNamedMember() {
      if name == next {
        try readCustomField("\(field).\(name)", rest.dropFirst(), &draft)
      } else if name == "replicas", field == "spec", event == .scalar, cursor.scalarKind == .integer {
        draft.replicas = try integer("spec.replicas")
      } else {
        try skip()
      }
    }
  }

  /// Reads `metadata.ownerReferences`, of which the controller counts.
  mutating func readOwners(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try isList("metadata.ownerReferences") else { return }
    while try nextEntry() {
      guard try entersObject("metadata.ownerReferences") else { continue }
      var (kind, name, isController): (String?, String?, Bool) = (nil, nil, false)
      while let word = try nextMember("metadata.ownerReferences") {
        switch word {
        case .kind: kind = try string("metadata.ownerReferences.kind")
        case .name: name = try string("metadata.ownerReferences.name")
        case .controller: isController = try boolean("metadata.ownerReferences.controller") ?? false
        default: try skip()
        }
      }
      guard isController, let kind, let name else { continue }
      // Pods of one owner stand side by side, and share it.
      if let lastOwner, lastOwner.name == name, lastOwner.kind == kind {
        draft.owner = lastOwner
      } else {
        draft.owner = WorkloadReference(kind: kind, name: name)
        lastOwner = draft.owner
      }
    }
  }
}
