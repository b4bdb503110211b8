public import Addresses

/// Values by addresses; IPv4 addresses take less room than in a dictionary of addresses of both families.
public struct AddressTable<Value: Sendable>: Sendable {
  private var ipv4: [UInt32: Value] = [:]
  private var ipv6: [UInt128: Value] = [:]

  /// A table of nothing.
  public init() {}

  /// The value of an address; nil where there is none.
  public subscript(address: IPAddress) -> Value? {
    get { address.family == .ipv4 ? ipv4[UInt32(truncatingIfNeeded: address.bits)] : ipv6[address.bits] }
    set {
      if address.family == .ipv4 {
        ipv4[UInt32(truncatingIfNeeded: address.bits)] = newValue
      } else {
        ipv6[address.bits] = newValue
      }
    }
  }

  /// Makes room for so many addresses, most of them of one family.
  public mutating func reserveCapacity(_ count: Int, _ family: IPFamily) {
    if family == .ipv4 { ipv4.reserveCapacity(count) } else { ipv6.reserveCapacity(count) }
  }
}
