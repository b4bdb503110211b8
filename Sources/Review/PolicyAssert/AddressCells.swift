import Addresses
import PolicyModel

/// Addresses that some blocks distinguish.
struct AddressCells {
  let blocks: [IPBlock]
  let taken: Set<IPAddress>

  /// The blocks that contain an address, one flag for each.
  func signature(_ address: IPAddress) -> [Bool] { blocks.map { $0.contains(address) } }

  /// Of every stretch that the blocks treat alike one address that no pod has, ascending.
  func addresses(in ranges: [CIDR]) -> [IPAddress] {
    var result: [IPAddress] = []
    var seen: Set<[Bool]> = []
    for range in ranges {
      let interval = range.interval
      var starts: Set<UInt128> = [interval.lower]
      for cidr in blocks.flatMap({ [$0.cidr] + $0.except }) where cidr.family == range.family {
        starts.insert(cidr.interval.lower)
        if cidr.interval.upper < range.family.maximum { starts.insert(cidr.interval.upper + 1) }
      }
      let ascending = starts.filter(interval.contains).sorted()
      for (place, start) in ascending.enumerated() {
        let end = place + 1 < ascending.count ? ascending[place + 1] - 1 : interval.upper
        var bits = start
        while bits < end, taken.contains(IPAddress(range.family, bits: bits)) { bits += 1 }
        let address = IPAddress(range.family, bits: bits)
        if !taken.contains(address), seen.insert(signature(address) + [range.family == .ipv4]).inserted {
          result.append(address)
        }
      }
    }
    return result
  }
}
