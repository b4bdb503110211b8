import Addresses

/// A family's addresses, cut where the membership in any of some sets changes; two addresses are of one cell where the same
/// sets hold both. Peers of ordered rules are many, and lists of rules share them: the cut is made once for all lists.
struct AddressCells<Bound: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
  /// The addresses at which another cell begins; the first is 0.
  private(set) var starts: [Bound] = []
  /// The cell from each of them on.
  private(set) var cells: [UInt32] = []
  /// For each cell the sets that hold its addresses, by their numbers, ascending.
  private(set) var members: [[UInt32]] = []

  /// An end of a set's interval.
  private struct Flip {
    let at: Bound
    let set: UInt32
  }

  /// The cells of sets, each with a number of its own. O(n log m) in the ends of intervals and the sets.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  init(_ sets: [(number: UInt32, addresses: BoundarySet<Bound>)]) {
    let flips = Self.merged(
      sets.map { set in set.addresses.flips.map { Flip(at: $0, set: set.number) } })
    var numbers: [[UInt32]: UInt32] = [:]
    var holding: [UInt32] = []
    func cell(_ cells: inout Self) -> UInt32 {
      if let known = numbers[holding] { return known }
      let made = UInt32(cells.members.count)
      numbers[holding] = made
      cells.members.append(holding)
      return made
    }
    if flips.first?.at != 0 {
      starts.append(0)
      cells.append(cell(&self))
    }
    var place = 0
    while place < flips.count {
      let at = flips[place].at
      while place < flips.count, flips[place].at == at {
        let set = flips[place].set
        let position = holding.partitioningIndex { $0 >= set }
        if position < holding.count, holding[position] == set {
          holding.remove(at: position)
        } else {
          holding.insert(set, at: position)
        }
        place += 1
      }
      let now = cell(&self)
      if now == cells.last { continue }
      starts.append(at)
      cells.append(now)
    }
  }

  /// Ascending lists as one.
  private static func merged(_ lists: [[Flip]]) -> [Flip] {
    var lists = lists
    while lists.count > 1 {
      lists = stride(from: 0, to: lists.count, by: 2).map { place in
        place + 1 < lists.count ? merged(lists[place], lists[place + 1]) : lists[place]
      }
    }
    return lists.first ?? []
  }

  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  private static func merged(_ left: [Flip], _ right: [Flip]) -> [Flip] {
    var result: [Flip] = []
    result.reserveCapacity(left.count + right.count)
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      if right[j].at < left[i].at {
        result.append(right[j])
        j += 1
      } else {
        result.append(left[i])
        i += 1
      }
    }
    result += left[i...]
    result += right[j...]
    return result
  }
}
