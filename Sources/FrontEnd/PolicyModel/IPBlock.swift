public import Addresses

/// A block of addresses without some smaller ones (`networkingv1.IPBlock`).
public struct IPBlock: Sendable, Hashable {
  /// The block of addresses.
  public let cidr: CIDR
  /// The exceptions from this block, and from this block only: strict subsets of `cidr`.
  public let except: [CIDR]

  /// A block and what is left out of it.
  public init(_ cidr: CIDR, except: [CIDR] = []) {
    self.cidr = cidr
    self.except = except
  }

  /// True where an address is in the block and in none of its exceptions.
  public func contains(_ address: IPAddress) -> Bool {
    cidr.contains(address) && !except.contains { $0.contains(address) }
  }
}
