/// The judgement of a full list that came in the place of what was known: a store that was restored empty must not open a
/// cluster.
///
/// A list that looks wrong is held until a second one, asked for after a wait, has the same result.
public struct ListHold: Sendable {
  /// The largest share of the node's isolated pods that a list may release at once, in percent.
  public let maxReleased: Int
  /// Lists are taken whatever they release.
  public let acceptsAll: Bool
  /// The results of the lists that are held; nil: nothing.
  private var held: [String: Set<String>?] = [:]

  /// Makes a judgement that holds nothing yet.
  ///
  /// - Parameters:
  ///   - maxReleased: percent, 0 to 100.
  ///   - acceptsAll: nothing is held.
  public init(maxReleased: Int = 10, acceptsAll: Bool = false) {
    self.maxReleased = maxReleased
    self.acceptsAll = acceptsAll
  }

  /// The kinds of which a list is held, sorted.
  public var kinds: [String] { held.keys.sorted() }

  /// A reason to hold a list; nil where it is to be taken.
  ///
  /// - Parameters:
  ///   - kind: the kind of its objects.
  ///   - isEmpty: true where it has no object.
  ///   - result: those of its objects in which two lists must agree; asked for where there is a reason.
  ///   - former: how many objects there were before.
  ///   - isolated: how many of the node's pods are isolated, and how many would not be any more.
  /// - Returns: the reason in words.
  public mutating func reason(
    kind: String, isEmpty: Bool, result: @autoclosure () -> Set<String>, former: Int,
    isolated: (before: Int, released: Int)
  ) -> String? {
    let reason: String?
    if isEmpty, former > 0 {
      reason = "the list of \(kind) objects is empty, and there were \(former)"
    } else if isolated.released > 0, isolated.released * 100 > isolated.before * maxReleased {
      reason =
        "the list of \(kind) objects would release \(isolated.released) of the node's \(isolated.before) isolated pods"
    } else {
      reason = nil
    }
    guard let reason, !acceptsAll else {
      held.removeValue(forKey: kind)
      return nil
    }
    // A list of nothing has another result than one of other nodes' pods.
    let result = isEmpty ? nil : result()
    if held[kind] == .some(result) {
      held.removeValue(forKey: kind)
      return nil
    }
    held.updateValue(result, forKey: kind)
    return reason
  }
}
