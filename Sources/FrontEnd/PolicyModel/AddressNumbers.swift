public import Addresses

/// The numbers that addresses have, such as those of the pods that claim them: nearly always one.
public struct AddressNumbers: Sendable {
  private var ipv4 = NumberTable<UInt32>()
  private var ipv6 = NumberTable<UInt128>()

  /// A table of nothing.
  public init() {}

  /// Makes room for so many addresses of a family.
  public mutating func reserveCapacity(_ count: Int, _ family: IPFamily) {
    if family == .ipv4 { ipv4.reserveCapacity(count) } else { ipv6.reserveCapacity(count) }
  }

  /// The first number of an address that a condition holds for, in no order; nil where there is none.
  public func first(_ address: IPAddress, where isWanted: (Int) -> Bool) -> Int? {
    address.family == .ipv4
      ? ipv4.first(UInt32(truncatingIfNeeded: address.bits), where: isWanted)
      : ipv6.first(address.bits, where: isWanted)
  }

  /// The numbers of an address, in no order.
  public func numbers(_ address: IPAddress) -> [Int] {
    address.family == .ipv4
      ? ipv4.numbers(UInt32(truncatingIfNeeded: address.bits)) : ipv6.numbers(address.bits)
  }

  /// Gives an address a number, unless it has it.
  public mutating func insert(_ number: Int, _ address: IPAddress) {
    if first(address, where: { $0 == number }) != nil { return }
    if address.family == .ipv4 {
      ipv4.insert(number, UInt32(truncatingIfNeeded: address.bits))
    } else {
      ipv6.insert(number, address.bits)
    }
  }

  /// Takes a number from an address; nothing happens where the address has not got it.
  public mutating func remove(_ number: Int, _ address: IPAddress) {
    if address.family == .ipv4 {
      ipv4.remove(number, UInt32(truncatingIfNeeded: address.bits))
    } else {
      ipv6.remove(number, address.bits)
    }
  }
}
