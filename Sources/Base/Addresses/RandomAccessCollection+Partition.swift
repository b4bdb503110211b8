extension RandomAccessCollection {
  /// The first position whose element is in the second part of a collection that is parted in two; `endIndex` where none
  /// is.
  ///
  /// - Parameter isInSecondPart: false for the elements of the first part, true for all behind it.
  /// - Returns: where the second part begins.
  /// - Complexity: O(log n) calls.
  @inlinable
  public func partitioningIndex(where isInSecondPart: (Element) -> Bool) -> Index {
    var low = startIndex
    var count = count
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if isInSecondPart(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }
}
