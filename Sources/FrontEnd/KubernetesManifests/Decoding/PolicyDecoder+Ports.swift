import Addresses
package import Documents
import PolicyModel

extension PolicyDecoder {
  /// The forms of the field `port`.
  private enum PortValue {
    case absent
    case number(Int)
    case name(String)
    /// Neither; there is an error.
    case bad
  }

  /// An entry of `ports`.
  mutating func port(_ node: SourceNode, _ path: String) -> PolicyPort? {
    guard let fields = Fields(node, path, ["protocol", "port", "endPort"], &self) else { return nil }
    let transport = self.transport(fields)
    let value = portValue(fields)
    let end = fields["endPort"].flatMap { number($0, fields.path("endPort")) }
    let ports = self.ports(value, end, fields)
    guard let transport, let ports else { return nil }
    return PolicyPort(
      transport, ports, origin: origin(node.offset, path),
      endPort: fields["endPort"].map { origin($0.offset, fields.path("endPort")) })
  }

  private mutating func transport(_ fields: Fields) -> TransportProtocol? {
    guard let node = fields["protocol"] else { return .tcp }
    guard let text = self.text(node, fields.path("protocol")) else { return nil }
    if let transport = TransportProtocol(rawValue: text) { return transport }
    report(
      "unsupported-value", at: node.offset, fields.path("protocol"),
      Messages.unsupported(text, Messages.protocols))
    return nil
  }

  private mutating func portValue(_ fields: Fields) -> PortValue {
    if let offset = fields.emptyOffset("port") { emptyFields.append(origin(offset, fields.path("port"))) }
    guard let node = fields["port"] else { return .absent }
    let path = fields.path("port")
    if case .scalar(let name, .string) = node.content {
      let faults = PortValidation.name(name)
      for fault in faults { report("port-name", at: node.offset, path, Messages.invalid(name, fault)) }
      return faults.isEmpty ? .name(name) : .bad
    }
    guard let number = self.number(node, path, "a whole number in plain digits or a name") else {
      return .bad
    }
    let faults = PortValidation.number(number)
    for fault in faults { report("port-range", at: node.offset, path, "Invalid value: \(number): \(fault)") }
    return faults.isEmpty ? .number(number) : .bad
  }

  private mutating func ports(_ value: PortValue, _ end: Int?, _ fields: Fields) -> PolicyPort.Ports? {
    let path = fields.path("endPort")
    let offset = fields["endPort"]?.offset ?? fields.offset
    switch value {
    case .bad:
      return nil
    case .absent:
      guard fields["endPort"] != nil else { return .all }
      report("end-port", at: offset, path, "Forbidden: may not be specified when `port` is not specified")
      return nil
    case .name(let name):
      guard fields["endPort"] != nil else { return .named(name) }
      report("end-port", at: offset, path, "Forbidden: may not be specified when `port` is non-numeric")
      return nil
    case .number(let number):
      guard let first = UInt16(exactly: number) else { return nil }
      guard fields["endPort"] != nil else { return .range(Interval(first, first)) }
      guard let end else { return nil }
      let faults = PortValidation.end(end, ofRangeFrom: number)
      for fault in faults { report("end-port", at: offset, path, "Invalid value: \(end): \(fault)") }
      guard faults.isEmpty, let last = UInt16(exactly: end) else { return nil }
      return .range(Interval(first, last))
    }
  }

  /// A whole number of 32 bits; nil, with an error, for anything else.
  package mutating func number(
    _ node: SourceNode, _ field: String, _ expected: String = "a whole number in plain digits"
  ) -> Int? {
    guard case .scalar(var text, .integer) = node.content else {
      wrongType(node, field, expected)
      return nil
    }
    let value = text.withUTF8 { bytes in
      bytes.baseAddress.flatMap { PlainScalar.integer(EventText(start: $0, count: bytes.count)) }
    }
    guard let value, Int32(exactly: value) != nil else {
      report("wrong-type", at: node.offset, field, "must be an integer of 32 bits, but this is \(text)")
      return nil
    }
    return value
  }
}
