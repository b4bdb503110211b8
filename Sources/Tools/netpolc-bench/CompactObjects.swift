/// The objects of a list as a server writes them: without white space between tokens.
struct CompactObjects {
  private let bytes: [UInt8]
  /// Where each object stands.
  private let ranges: [Range<Int>]

  /// The objects, in order.
  var all: [ArraySlice<UInt8>] { ranges.map { bytes[$0] } }

  /// Reads the entries of `items` of a list. O(n).
  init(list: [UInt8]) {
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    bytes.reserveCapacity(list.count * 2 / 3)
    var (depth, start) = (0, 0)
    var (isInString, isEscaped) = (false, false)
    for byte in list {
      if isInString {
        bytes.append(byte)
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case 0x20, 0x0a, 0x0d, 0x09: continue
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        // The list itself, its items, then an object.
        if depth == 2 { start = bytes.count }
        depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 2, byte == UInt8(ascii: "}") { ranges.append(start..<bytes.count + 1) }
      default: break
      }
      bytes.append(byte)
    }
    (self.bytes, self.ranges) = (bytes, ranges)
  }
}
