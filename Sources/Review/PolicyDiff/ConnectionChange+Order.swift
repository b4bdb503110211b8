import Connectivity
import Wording

extension ConnectionChange {
  private var rank: Int {
    switch kind {
    case .widened: 0
    case .changed: 1
    case .narrowed: 2
    }
  }

  private var reach: Int {
    (source.isOutside ? 1 << 40 : max(1, source.podCount))
      * (destination.isOutside ? 1 : max(1, destination.podCount))
  }

  /// Widened, changed, narrowed; exposure to the outside first, then by how many pods are meant, then by words.
  static func inReportOrder(_ left: ConnectionChange, _ right: ConnectionChange) -> Bool {
    if left.rank != right.rank { return left.rank < right.rank }
    if left.reach != right.reach { return left.reach > right.reach }
    return left.sortingWords < right.sortingWords
  }

  private var sortingWords: String {
    "\(destination.description) \(source.description) \(before.words) \(after.words) \(families)"
  }
}
