import Addresses
import Diagnostics
import PolicyModel
import Documents

extension DocumentReader where Cursor: ~Copyable {
  /// Reads a member of the object itself; the current event is its value.
  mutating func readMember(_ word: FieldName, of kind: InventoryKind, _ draft: inout ObjectDraft)
    throws(SyntaxFault)
  {
    switch (word, kind) {
    case (.metadata, _):
      try readMetadata(isWorkload: kind.isWorkload, &draft)
    case (.spec, .pod):
      try readPodSpec("spec", &draft)
    case (.status, .pod):
      try readPodStatus(&draft)
    case (.spec, .node):
      try readNodeSpec(&draft)
    case (.status, .node):
      try readNodeStatus(&draft)
    case (.spec, .cronJob):
      guard try entersObject("spec") else { return }
      while let word = try nextMember("spec") {
        guard word == .jobTemplate, try entersObject("spec.jobTemplate") else {
          try skipUnlessRead(word == .jobTemplate)
          continue
        }
        while let word = try nextMember("spec.jobTemplate") {
          if word == .spec { try readWorkloadSpec("spec.jobTemplate.spec", &draft) } else { try skip() }
        }
      }
    case (.spec, .service):
      try readServiceSpec(&draft)
    case (.status, .service):
      try readServiceStatus(&draft)
    case (.spec, _) where kind.isRoute:
      try readRouteSpec(&draft)
    case (.endpoints, .endpointSlice):
      try readEndpoints(&draft)
    case (.ports, .endpointSlice):
      try readSlicePorts(&draft)
    case (.spec, _) where kind.isWorkload:
      try readWorkloadSpec("spec", &draft)
    default:
      try skip()
    }
  }

  /// A value that a failed check has already passed over must not be passed over again.
  mutating func skipUnlessRead(_ isRead: Bool) throws(SyntaxFault) {
    if !isRead { try skip() }
  }

  mutating func readMetadata(isWorkload: Bool, _ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject("metadata") else { return }
    while let word = try nextMember("metadata") {
      switch word {
      case .name:
        let isNull = event == .scalar && cursor.scalarKind == .null
        draft.name = try ownString("metadata.name")
        draft.hasFaultyName = draft.name == nil && !isNull
      case .generateName: draft.generatedName = try string("metadata.generateName").map { $0 + "*" }
      case .namespace: draft.namespace = try string("metadata.namespace")
      case .labels where !isWorkload: draft.labels = try readLabels("metadata.labels")
      case .ownerReferences: try readOwners(&draft)
      case .deletionTimestamp: draft.deleting = event != .scalar || cursor.scalarKind != .null
      default: try skip()
      }
    }
  }

  /// A map of labels; the current event is its value.
  mutating func readLabels(_ field: @autoclosure () -> String) throws(SyntaxFault) -> Labels {
    guard try isObject(field()) else { return Labels() }
    var pairs: [Labels.Pair] = []
    labelPositions.removeAll(keepingCapacity: true)
    while true {
      try advance()
      guard event == .key else { break }
      let position = cursor.position
      if cursor.isPlain, FieldName(cursor.text) == .merge {
        report("merge-key", field(), "YAML merge keys are not supported: write the labels out")
      }
      if let fault = cursor.typedKeyFault() { report("wrong-type", field(), fault) }
      let key = context.texts.string(cursor.text)
      try advance()
      if let value = try string("\(field()).\(key)") {
        pairs.append(Labels.Pair(key, value))
        labelPositions.append(position)
      } else if event == .scalar, cursor.scalarKind == .null {
        pairs.append(Labels.Pair(key, ""))
        labelPositions.append(position)
      }
    }
    var labels = Labels(pairs)
    if labels == lastLabels {
      labels = lastLabels
    } else {
      labels = labelSets.insert(labels).memberAfterInsert
      lastLabels = labels
    }
    if labels.pairs.count < pairs.count { reportTwins(pairs, field()) }
    return labels
  }

  /// Reports which labels are written twice: whichever of the two were taken, a policy might select the other.
  @inline(never)
  private mutating func reportTwins(_ pairs: [Labels.Pair], _ field: String) {
    var first: [String: Int] = [:]
    for (pair, position) in zip(pairs, labelPositions) {
      if let earlier = first[pair.key] {
        reportTwice(pair.key, at: position, earlier, "\(field).\(pair.key)")
      } else {
        first[pair.key] = position
      }
    }
  }

  mutating func readPodSpec(_ field: String, _ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject(field) else { return }
    while let word = try nextMember(field) {
      switch word {
      case .nodeName:
        let node = try string("\(field).nodeName")
        draft.node = node?.isEmpty == true ? nil : node
      case .hostNetwork: draft.hostNetwork = try boolean("\(field).hostNetwork") ?? false
      case .containers: try readContainers("\(field).containers", areInit: false, &draft)
      case .initContainers: try readContainers("\(field).initContainers", areInit: true, &draft)
      default: try skip()
      }
    }
  }

  private mutating func readContainers(
    _ field: String, areInit: Bool, _ draft: inout ObjectDraft
  ) throws(SyntaxFault) {
    guard try isList(field) else { return }
    if !areInit { draft.hasPodTemplate = true }
    var index = -1
    while try nextEntry() {
      index += 1
      guard try entersObject("\(field)[\(index)]") else { continue }
      var ports: [NamedPort] = []
      var restartsAlways = false
      while let word = try nextMember("\(field)[\(index)]") {
        switch word {
        case .ports: try readPorts(field, index, &ports)
        case .restartPolicy where areInit:
          restartsAlways = try string("\(field)[\(index)].restartPolicy") == "Always"
        default: try skip()
        }
      }
      if !areInit { draft.ports += ports } else if restartsAlways { draft.sidecarPorts += ports }
    }
  }

  private mutating func readPorts(
    _ field: String, _ container: Int, _ ports: inout [NamedPort]
  ) throws(SyntaxFault) {
    guard try isList("\(field)[\(container)].ports") else { return }
    var index = -1
    while try nextEntry() {
      index += 1
      func path(_ last: String) -> String { "\(field)[\(container)].ports[\(index)]\(last)" }
      guard try entersObject(path("")) else { continue }
      var name: String?
      var number: Int?
      var transport: TransportProtocol? = .tcp
      let position = cursor.position
      while let word = try nextMember(path("")) {
        switch word {
        case .name: name = try string(path(".name"))
        case .containerPort:
          number = try integer(path(".containerPort"))
          if let number, let fault = PortValidation.number(number).first {
            report("port-range", path(".containerPort"), "Invalid value: \(number): \(fault)")
          }
        case .transport:
          guard let text = try string(path(".protocol")) else { continue }
          transport = TransportProtocol(rawValue: text)
          if transport == nil {
            report("unsupported-value", path(".protocol"), Messages.unsupported(text, Messages.protocols))
          }
        default: try skip()
        }
      }
      guard let name, !name.isEmpty else { continue }
      guard let number else {
        report(.error, "required-value", at: position, path(".containerPort"), "Required value")
        continue
      }
      if let transport, let number = UInt16(exactly: number) {
        ports.append(NamedPort(name, transport, number))
      }
    }
  }

  private mutating func readPodStatus(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject("status") else { return }
    while let word = try nextMember("status") {
      switch word {
      case .phase:
        guard let text = try string("status.phase"), !text.isEmpty else { continue }
        draft.phase = Pod.Phase(rawValue: text)
        if draft.phase == nil {
          report(
            "unsupported-value", "status.phase",
            Messages.unsupported(text, ["Failed", "Pending", "Running", "Succeeded", "Unknown"]))
        }
      case .conditions: draft.ready = try readReady()
      case .podIP: draft.podIP = try address("status.podIP")
      case .podIPs:
        guard try isList("status.podIPs") else { continue }
        var index = -1
        while try nextEntry() {
          index += 1
          guard try entersObject("status.podIPs[\(index)]") else { continue }
          while let word = try nextMember("status.podIPs[\(index)]") {
            guard word == .ip else {
              try skip()
              continue
            }
            if let address = try address("status.podIPs[\(index)].ip"), !draft.addresses.contains(address) {
              draft.addresses.append(address)
            }
          }
        }
      default: try skip()
      }
    }
  }

  /// The value of the condition `Ready` in `status.conditions`, the current value.
  private mutating func readReady() throws(SyntaxFault) -> Bool {
    guard try isList("status.conditions") else { return false }
    var isReady = false
    var index = -1
    while try nextEntry() {
      index += 1
      guard try entersObject("status.conditions[\(index)]") else { continue }
      var (isOfReady, isTrue) = (false, false)
      while let word = try nextMember("status.conditions[\(index)]") {
        switch word {
        case .type: isOfReady = try isText("Ready", "status.conditions[\(index)].type")
        case .status: isTrue = try isText("True", "status.conditions[\(index)].status")
        default: try skip()
        }
      }
      if isOfReady { isReady = isTrue }
    }
    return isReady
  }

  /// The current value as an address; nil for null and the empty text.
  mutating func address(_ field: @autoclosure () -> String) throws(SyntaxFault) -> IPAddress? {
    guard let text = try string(field()), !text.isEmpty else { return nil }
    let reading = InventoryAddress(text)
    if let fault = reading.fault { report(.warning, "invalid-address", at: cursor.position, field(), fault) }
    return reading.address
  }

  private mutating func readNodeSpec(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject("spec") else { return }
    while let word = try nextMember("spec") {
      switch word {
      case .podCIDR: draft.block = try block("spec.podCIDR")
      case .podCIDRs:
        guard try isList("spec.podCIDRs") else { continue }
        var index = -1
        while try nextEntry() {
          index += 1
          if let block = try block("spec.podCIDRs[\(index)]"), !draft.blocks.contains(block) {
            draft.blocks.append(block)
          }
        }
      default: try skip()
      }
    }
  }

  private mutating func block(_ field: @autoclosure () -> String) throws(SyntaxFault) -> CIDR? {
    guard let text = try string(field()), !text.isEmpty else { return nil }
    do {
      return try CIDR.parse(text).block
    } catch {
      // One bad Node object stops no compile that does not need its block: --unknown-pods deny refuses to go without.
      report(
        .warning, "invalid-cidr", at: cursor.position, field(),
        "\(Messages.cidr(text, error)): it is left out")
      return nil
    }
  }

  private mutating func readNodeStatus(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject("status") else { return }
    while let word = try nextMember("status") {
      guard word == .addresses else {
        try skip()
        continue
      }
      guard try isList("status.addresses") else { continue }
      var index = -1
      while try nextEntry() {
        index += 1
        guard try entersObject("status.addresses[\(index)]") else { continue }
        var type: String?
        var text: String?
        var position = cursor.position
        while let word = try nextMember("status.addresses[\(index)]") {
          switch word {
          case .type: type = try string("status.addresses[\(index)].type")
          case .address:
            position = cursor.position
            text = try string("status.addresses[\(index)].address")
          default: try skip()
          }
        }
        guard let text else { continue }
        guard type == "InternalIP" || type == "ExternalIP" else {
          // A host's name may be an address.
          if let address = IPAddress(text), !address.isIPv4Mapped, !draft.addresses.contains(address) {
            draft.addresses.append(address)
          }
          continue
        }
        let reading = InventoryAddress(text)
        if let address = reading.address, !draft.addresses.contains(address) {
          draft.addresses.append(address)
        }
        if let fault = reading.fault {
          report(
            .warning, "invalid-address", at: position, "status.addresses[\(index)].address", fault)
        }
      }
    }
  }
}
