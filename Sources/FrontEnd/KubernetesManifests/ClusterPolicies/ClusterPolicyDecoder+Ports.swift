import Addresses
import Diagnostics
import Documents
import PolicyModel

extension ClusterPolicyDecoder {
  /// `protocols`, or `ports` of the earlier kinds; nil where the list is absent, which means all traffic.
  mutating func ports(_ fields: PolicyDecoder.Fields) -> [PolicyPort]? {
    guard let entries = fields.list(schema.ports, &base) else { return nil }
    let path = fields.path(schema.ports)
    let isEarlier = schema.ports == "ports"
    checkCount(
      entries.count, path, at: fields[schema.ports]?.offset ?? fields.offset, most: schema.mostEntries,
      needsOne: !isEarlier)
    // The earlier kinds let a list be empty, and mean all traffic by it; of the other the schema forbids it.
    if entries.isEmpty, isFromServer, !isEarlier {
      base.report("too-few", at: fields.offset, path, "no protocol")
    }
    if entries.isEmpty { return nil }
    return entries.enumerated().flatMap { index, node -> [PolicyPort] in
      let path = "\(path)[\(index)]"
      return isEarlier ? earlierPort(node, path) : match(node, path)
    }
  }

  /// An entry of `protocols`.
  private mutating func match(_ node: SourceNode, _ path: String) -> [PolicyPort] {
    let known = ["tcp", "udp", "sctp", ClusterPolicySchema.namedPort]
    guard let fields = PolicyDecoder.Fields(node, path, known, &base), let field = oneField(fields, of: known)
    else { return [] }
    let origin = base.origin(node.offset, path)
    guard let transport = TransportProtocol(rawValue: field.uppercased()) else {
      return named(fields, field, origin)
    }
    guard let match = fields.object(field, ["destinationPort"], &base) else { return [] }
    // A schema that lets the port be left out means every port.
    if match["destinationPort"] == nil, isFromServer, !hasMembers(fields[field]) {
      return [PolicyPort(transport, .all, origin: origin)]
    }
    guard oneField(match, of: ["destinationPort"]) != nil,
      let port = match.object("destinationPort", ["number", "range"], &base),
      let form = oneField(port, of: ["number", "range"]), let value = port[form]
    else { return [] }
    if form == "number" {
      guard let number = base.number(value, port.path(form), in: 1...65535) else { return [] }
      return [PolicyPort(transport, .range(Interval(UInt16(number))), origin: origin)]
    }
    guard let range = port.object(form, ["start", "end"], &base), let interval = interval(range) else {
      return []
    }
    return [PolicyPort(transport, .range(interval), origin: origin)]
  }

  private func hasMembers(_ node: SourceNode?) -> Bool {
    if case .object(let members)? = node?.content { !members.isEmpty } else { true }
  }

  /// The name of a port, of whatever protocol the destination's port of that name has.
  private mutating func named(
    _ fields: PolicyDecoder.Fields, _ field: String, _ origin: Origin
  ) -> [PolicyPort] {
    guard let node = fields[field], let name = base.text(node, fields.path(field)) else { return [] }
    let faults = PortValidation.name(name)
    if let fault = faults.first {
      // The schema checks no name. It stays what it is, and no port can have it.
      base.report(
        .warning, "port-name", at: node.offset, fields.path(field),
        "\(Messages.invalid(name, fault)); no port has such a name, and this entry matches nothing")
    }
    return TransportProtocol.allCases.map {
      PolicyPort($0, .named(name), origin: origin, isOfEveryProtocol: true)
    }
  }

  /// `start` and `end`, both there and ascending.
  private mutating func interval(_ range: PolicyDecoder.Fields) -> Interval<UInt16>? {
    var ends: [Int] = []
    for key in ["start", "end"] {
      guard let node = range[key] else {
        base.report("required-value", at: range.offset, range.path(key), "Required value")
        continue
      }
      if let number = base.number(node, range.path(key), in: 1...65535) { ends.append(number) }
    }
    guard ends.count == 2 else { return nil }
    guard ends[0] < ends[1] else {
      base.report(
        "port-range", at: range.offset, range.path, "Invalid value: Start port must be less than End port")
      return nil
    }
    return Interval(UInt16(ends[0]), UInt16(ends[1]))
  }

  /// An entry of `ports` of an AdminNetworkPolicy.
  private mutating func earlierPort(_ node: SourceNode, _ path: String) -> [PolicyPort] {
    let known = ["portNumber", "portRange", "namedPort"]
    guard let fields = PolicyDecoder.Fields(node, path, known, &base), let field = oneField(fields, of: known)
    else { return [] }
    let origin = base.origin(node.offset, path)
    switch field {
    case "namedPort": return named(fields, field, origin)
    case "portNumber":
      guard let port = fields.object(field, ["protocol", "port"], &base) else { return [] }
      let transport = transport(port)
      guard let node = port["port"] else {
        base.report("required-value", at: port.offset, port.path("port"), "Required value")
        return []
      }
      guard let number = base.number(node, port.path("port"), in: 1...65535), let transport else { return [] }
      return [PolicyPort(transport, .range(Interval(UInt16(number))), origin: origin)]
    default:
      guard let range = fields.object(field, ["protocol", "start", "end"], &base) else { return [] }
      let transport = transport(range)
      guard let interval = interval(range), let transport else { return [] }
      return [PolicyPort(transport, .range(interval), origin: origin)]
    }
  }

  private mutating func transport(_ fields: PolicyDecoder.Fields) -> TransportProtocol? {
    guard let node = fields["protocol"] else { return .tcp }
    guard let text = base.text(node, fields.path("protocol")) else { return nil }
    if let transport = TransportProtocol(rawValue: text) { return transport }
    base.report(
      "unsupported-value", at: node.offset, fields.path("protocol"),
      Messages.unsupported(text, Messages.protocols))
    return nil
  }
}

extension PolicyDecoder {
  /// A number between two bounds, in the words of a schema; nil, with an error, for anything else.
  mutating func number(_ node: SourceNode, _ field: String, in bounds: ClosedRange<Int>) -> Int? {
    guard let number = number(node, field) else { return nil }
    if bounds.contains(number) { return number }
    let (words, bound) =
      number < bounds.lowerBound ? ("greater", bounds.lowerBound) : ("less", bounds.upperBound)
    report(
      "out-of-range", at: node.offset, field,
      "Invalid value: \(number): \(field) in body should be \(words) than or equal to \(bound)")
    return nil
  }
}
