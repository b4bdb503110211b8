import Addresses
import Connectivity
import PolicyModel
import Reachability

/// Addresses that some lists of blocks distinguish: those of one list are treated alike.
struct AddressCells {
  /// The lists that contain an address, as one number: equal numbers are equal lists, but for a chance of about 2⁻¹²⁸.
  struct Signature: Hashable {
    fileprivate let family: IPFamily
    fileprivate let lists: UInt128
  }

  /// The addresses of a family from which on other lists hold, ascending, with the sum of the weights of these.
  private struct Steps {
    var starts: [UInt128] = []
    var sums: [UInt128] = []
  }

  private let taken: Set<IPAddress>
  private var steps: [IPFamily: Steps] = [:]

  /// Sorts the ends of blocks. O(n log n) in these.
  ///
  /// - Parameters:
  ///   - lists: blocks that are treated alike, list by list.
  ///   - taken: addresses of pods.
  init(_ lists: [[IPBlock]], taken: Set<IPAddress>) {
    self.taken = taken
    for family in IPFamily.allCases {
      var changes: [UInt128: UInt128] = [:]
      for (ordinal, list) in lists.enumerated() {
        let weight = HashWeight.of(UInt64(ordinal))
        let own = list.filter { $0.cidr.family == family }
        for interval in IntervalSet(own.flatMap(\.addresses.intervals)).intervals {
          changes[interval.lower, default: 0] &+= weight
          if interval.upper < family.maximum { changes[interval.upper + 1, default: 0] &-= weight }
        }
      }
      var (ofFamily, sum): (Steps, UInt128) = (Steps(), 0)
      for (start, change) in changes.sorted(by: { $0.key < $1.key }) {
        sum &+= change
        ofFamily.starts.append(start)
        ofFamily.sums.append(sum)
      }
      steps[family] = ofFamily
    }
  }

  /// The lists whose blocks contain an address. O(log n).
  func signature(_ address: IPAddress) -> Signature {
    let steps = steps[address.family] ?? Steps()
    let behind = steps.starts.partitioningIndex { $0 > address.bits }
    return Signature(family: address.family, lists: behind == 0 ? 0 : steps.sums[behind - 1])
  }

  /// Of every stretch that the lists treat alike one address that no pod has, ascending. O(n log n) in the ends of blocks.
  func addresses(in ranges: [CIDR]) -> [IPAddress] {
    var result: [IPAddress] = []
    var seen: Set<Signature> = []
    for range in ranges {
      let interval = range.interval
      let starts = steps[range.family]?.starts ?? []
      let ascending = [interval.lower] + starts.filter { $0 > interval.lower && $0 <= interval.upper }
      for (place, start) in ascending.enumerated() {
        let end = place + 1 < ascending.count ? ascending[place + 1] - 1 : interval.upper
        var bits = start
        while bits < end, taken.contains(IPAddress(range.family, bits: bits)) { bits += 1 }
        let address = IPAddress(range.family, bits: bits)
        if !taken.contains(address), seen.insert(signature(address)).inserted { result.append(address) }
      }
    }
    return result
  }
}

extension PolicyRule {
  /// The blocks among its peers.
  var blocks: [IPBlock] {
    peers.entries.compactMap { if case .ipBlock(let block) = $0.kind { block } else { nil } }
  }
}
