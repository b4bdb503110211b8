public import Addresses

/// Services of a lab: addresses of their own, each translated to one destination before it is routed, so that packets
/// come to the forward hook with `ct status dnat`.
public struct ServiceTranslation: Sendable {
  /// The destination port to send to; packets of protocols without ports have none.
  public static let port: UInt16 = 81

  private var rules: [String] = []

  /// No service yet.
  public init() {}

  /// A new service's address, from 100.64.0.0/10 (RFC 6598) or 3fff:ffe::/32 (RFC 9637), which no pod may have.
  ///
  /// - Parameters:
  ///   - destination: the address behind the service.
  ///   - transport: the protocol number.
  ///   - port: the port behind the service, where the protocol has ports.
  /// - Returns: the address of the service.
  public mutating func address(
    for destination: IPAddress, transport: UInt8, port: UInt16
  ) -> IPAddress {
    let number = UInt128(rules.count + 1)
    let hasPorts = [6, 17, 132].contains(transport)
    switch destination.family {
    case .ipv4:
      let address = IPAddress(.ipv4, bits: 0x6440_0000 + number)
      let target = hasPorts ? "\(destination):\(port)" : "\(destination)"
      rules.append("ip daddr \(address) meta l4proto \(transport) dnat ip to \(target)")
      return address
    case .ipv6:
      let address = IPAddress(.ipv6, bits: UInt128(0x3fff_0ffe) << 96 + number)
      let target = hasPorts ? "[\(destination)]:\(port)" : "\(destination)"
      rules.append("ip6 daddr \(address) meta l4proto \(transport) dnat ip6 to \(target)")
      return address
    }
  }

  /// The table that translates, in place of a former one.
  public var script: String {
    """
    add table inet services
    delete table inet services
    table inet services {
      chain pre {
        type nat hook prerouting priority dstnat;
        \(rules.joined(separator: "\n    "))
      }
    }

    """
  }
}
