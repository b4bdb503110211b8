import Addresses
import Diagnostics
import Documents
import PolicyModel

extension DocumentReader where Cursor: ~Copyable {
  /// Reads the `spec` of a Service.
  mutating func readServiceSpec(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject("spec") else { return }
    while let word = try nextMember("spec") {
      switch word {
      case .clusterIP: add(try serviceAddress("spec.clusterIP"), &draft)
      case .clusterIPs, .externalIPs:
        guard try isList("spec.clusterIPs") else { continue }
        while try nextEntry() { add(try serviceAddress("spec.clusterIPs"), &draft) }
      case .selector:
        let labels = try readLabels("spec.selector")
        draft.service.selector = labels.pairs.isEmpty ? nil : labels
      case .ports: try readServicePorts(&draft)
      default: try skip()
      }
    }
  }

  /// Reads the `status` of a Service, for the addresses of load balancers.
  mutating func readServiceStatus(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try entersObject("status") else { return }
    while let word = try nextMember("status") {
      guard word == .loadBalancer, try entersObject("status.loadBalancer") else {
        try skipUnlessRead(word == .loadBalancer)
        continue
      }
      while let word = try nextMember("status.loadBalancer") {
        guard word == .ingress, try isList("status.loadBalancer.ingress") else {
          try skipUnlessRead(word == .ingress)
          continue
        }
        while try nextEntry() {
          guard try entersObject("status.loadBalancer.ingress") else { continue }
          while let word = try nextMember("status.loadBalancer.ingress") {
            if word == .ip {
              add(try serviceAddress("status.loadBalancer.ingress.ip"), &draft)
            } else {
              try skip()
            }
          }
        }
      }
    }
  }

  private func isNone(_ text: String) -> Bool { text.isEmpty || text == "None" }

  /// The current value as an address; nil for `None` and the empty text.
  private mutating func serviceAddress(_ field: String) throws(SyntaxFault) -> IPAddress? {
    guard let text = try string(field), !isNone(text) else { return nil }
    let reading = InventoryAddress(text)
    if reading.address == nil {
      report(
        .warning, "invalid-address", at: cursor.position, field,
        "Invalid value: \"\(text)\": must be a valid IP address: it is left out")
    }
    return reading.address
  }

  private func add(_ address: IPAddress?, _ draft: inout ObjectDraft) {
    guard let address, !draft.service.addresses.contains(address) else { return }
    draft.service.addresses.append(address)
  }

  private mutating func readServicePorts(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try isList("spec.ports") else { return }
    var index = -1
    while try nextEntry() {
      index += 1
      let field = "spec.ports[\(index)]"
      guard try entersObject(field) else { continue }
      var (name, number, target) = ("", Int?.none, Service.Port.Target?.none)
      var transport: TransportProtocol? = .tcp
      while let word = try nextMember(field) {
        switch word {
        case .name: name = try string("\(field).name") ?? ""
        case .port: number = try integer("\(field).port")
        case .transport:
          transport = try string("\(field).protocol").map { TransportProtocol(rawValue: $0) } ?? .tcp
        case .targetPort:
          if event == .scalar, cursor.scalarKind == .integer {
            target = try integer("\(field).targetPort").flatMap { UInt16(exactly: $0) }
              .flatMap { $0 == 0 ? nil : .number($0) }
          } else {
            target = try string("\(field).targetPort").map { UInt16($0).map { .number($0) } ?? .name($0) }
          }
        default: try skip()
        }
      }
      guard let transport, let number = number.flatMap({ UInt16(exactly: $0) }), number > 0 else { continue }
      draft.service.ports.append(
        Service.Port(name: name, transport, number, target: target ?? .number(number)))
    }
  }

  /// Reads the `endpoints` of an EndpointSlice.
  mutating func readEndpoints(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try isList("endpoints") else { return }
    while try nextEntry() {
      guard try entersObject("endpoints") else { continue }
      while let word = try nextMember("endpoints") {
        guard word == .addresses, try isList("endpoints.addresses") else {
          try skipUnlessRead(word == .addresses)
          continue
        }
        while try nextEntry() { add(try serviceAddress("endpoints.addresses"), &draft) }
      }
    }
  }

  /// Reads the `ports` of an EndpointSlice.
  mutating func readSlicePorts(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard try isList("ports") else { return }
    while try nextEntry() {
      guard try entersObject("ports") else { continue }
      var (name, number) = ("", Int?.none)
      var transport: TransportProtocol? = .tcp
      while let word = try nextMember("ports") {
        switch word {
        case .name: name = try string("ports.name") ?? ""
        case .port: number = try integer("ports.port")
        case .transport:
          transport = try string("ports.protocol").map { TransportProtocol(rawValue: $0) } ?? .tcp
        default: try skip()
        }
      }
      guard let transport, let number = number.flatMap({ UInt16(exactly: $0) }), number > 0 else { continue }
      draft.service.slicePorts.append(EndpointSlice.Port(name: name, transport, number))
    }
  }
}
