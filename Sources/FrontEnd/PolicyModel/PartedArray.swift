/// An array in parts of 256 values: while a copy of it is kept elsewhere, the first change of a value copies one part, where an
/// array would copy all of a hundred thousand.
public struct PartedArray<Element>: RandomAccessCollection, MutableCollection {
  private var parts: [[Element]] = []
  /// The number of values.
  public private(set) var endIndex = 0

  /// An array of nothing.
  public init() {}

  /// The first place: zero.
  public var startIndex: Int { 0 }

  /// The value at a place. O(1).
  public subscript(position: Int) -> Element {
    get { parts[position >> 8][position & 255] }
    _modify { yield &parts[position >> 8][position & 255] }
  }

  /// Adds a value at the end.
  public mutating func append(_ element: Element) {
    if endIndex & 255 == 0 {
      parts.append([element])
    } else {
      parts[endIndex >> 8].append(element)
    }
    endIndex += 1
  }
}

extension PartedArray: Sendable where Element: Sendable {}
