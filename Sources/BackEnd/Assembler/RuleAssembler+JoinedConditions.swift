import Addresses
import KernelProgram
import Ruleset

extension RuleAssembler {
  /// Joins conditions on neighbouring bytes as libnftables 1.0.6 does (`payload_try_merge`): both ports of a packet become
  /// one comparison, at the place of the source port's. Conditions are collected up to a statement that is none, unless
  /// there was but one of them by then.
  static func joined(_ pieces: [Piece]) -> [Piece] {
    var result = pieces.map { Optional($0) }
    var collected: [Int] = []
    for (number, piece) in pieces.enumerated() {
      switch piece {
      case .bytes: collected.append(number)
      case .condition: continue
      case .statement:
        if collected.count > 1 {
          join(collected, &result)
          collected = []
        }
      }
    }
    if collected.count > 1 { join(collected, &result) }
    return result.compactMap { $0 }
  }

  private static func join(_ collected: [Int], _ pieces: inout [Piece?]) {
    func place(_ number: Int) -> (UInt32, UInt32) {
      guard case .bytes(let base, let offset, _, _)? = pieces[number] else { return (0, 0) }
      return (base.rawValue, offset)
    }
    let sorted = collected.sorted { place($0) == place($1) ? $0 < $1 : place($0) < place($1) }
    var last = sorted[0]
    for number in sorted.dropFirst() {
      guard case .bytes(let base, let offset, let isInverted, let bytes)? = pieces[last],
        case .bytes(base, let next, isInverted, let more)? = pieces[number],
        next == offset + UInt32(bytes.count), bytes.count + more.count <= 4
      else {
        last = number
        continue
      }
      pieces[last] = .bytes(base, offset: offset, isInverted: isInverted, bytes + more)
      pieces[number] = nil
    }
  }
}

extension ElementKey {
  /// True where a field of the key is more than one value.
  var hasRange: Bool {
    switch self {
    case .single(let interval): !interval.isSingle
    case .concatenation(let fields): fields.contains { !$0.isSingle }
    }
  }
}

extension Comparison {
  var kernelOperator: CompareOperator {
    switch self {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    }
  }
}

extension Field {
  /// The length of the prefix that is exactly an interval of addresses of more than one; nil for other fields and
  /// intervals. Only addresses are written as blocks.
  func prefixLength(_ interval: Interval<UInt128>) -> Int? {
    guard type == .ipv4Address || type == .ipv6Address, !interval.isSingle else { return nil }
    let host = interval.lower ^ interval.upper
    guard host & (host &+ 1) == 0, interval.lower & host == 0 else { return nil }
    return type.byteCount * 8 - (host == .max ? 128 : (host + 1).trailingZeroBitCount)
  }
}
