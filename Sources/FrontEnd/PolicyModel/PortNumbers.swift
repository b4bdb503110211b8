/// The numbers of many named ports by name and protocol.
struct PortNumbers: Hashable, Sendable {
  private struct Key: Hashable {
    let name: String
    let transport: TransportProtocol
  }

  /// So many ports are looked through.
  private static let few = 16

  private var numbers: [Key: UInt16] = [:]

  /// The numbers of ports, of equal names the first; nil for a few ports.
  init?(_ ports: [NamedPort]) {
    guard ports.count > Self.few else { return nil }
    for port in ports.reversed() { numbers[Key(name: port.name, transport: port.transport)] = port.number }
  }

  func number(of name: String, _ transport: TransportProtocol) -> UInt16? {
    numbers[Key(name: name, transport: transport)]
  }
}
