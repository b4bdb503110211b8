public import Addresses
public import Reachability
import Wording

/// The contents of a matrix's cells, each different one once: the words for some traffic, and the words that
/// hold in each revision.
public struct CellTable {
  /// The traffic that passes in one family.
  public struct Part: Hashable {
    /// The address family.
    public let family: IPFamily
    /// Protocols and ports that pass.
    public let traffic: TrafficID

    /// The traffic that passes in one family.
    public init(family: IPFamily, traffic: TrafficID) { (self.family, self.traffic) = (family, traffic) }
  }

  /// The direction in which a cell changes.
  public enum Mark: String {
    /// Both revisions say the same.
    case same
    /// More is allowed, and nothing less.
    case widened
    /// Less is allowed, and nothing more.
    case narrowed
    /// Some is allowed that was not, and some is not that was.
    case changed
  }

  /// The code of nothing; its words are the first.
  public static let nothing = 0
  /// The code of all traffic.
  public static let everything = 1
  /// The code of a pair that is one pod: it always reaches itself, and is never meant.
  public static let itself = 2
  /// The code of pairs without addresses of a common family.
  public static let apart = 3

  /// The words of each code.
  public private(set) var words = ["nothing", "all traffic", "a pod and itself", "no common address family"]
  /// The codes of each cell, one for each revision. The first four say the first four codes in all revisions.
  public private(set) var cells: [[Int]]
  private var parts: [[Part]] = [[], [], [], []]
  private var codeOfTraffic: [TrafficID: Int] = [.nothing: nothing, .everything: everything]
  private var codeOfParts: [[Part]: Int] = [:]
  private var cellOfCodes: [UInt64: UInt32] = [:]
  private let store: DiagramStore

  /// A table with the first four codes only, of one revision or two.
  public init(_ store: DiagramStore, sides: Int) {
    self.store = store
    cells = []
    for code in 0...3 { _ = cell(Array(repeating: code, count: sides)) }
  }

  /// The intersection of two sets. O(1) where one of them is everything or nothing, or where both were asked
  /// for before.
  public func meet(_ left: TrafficID, _ right: TrafficID) -> TrafficID {
    if left == right || right == .everything { return left }
    if left == .everything { return right }
    return left == .nothing || right == .nothing ? .nothing : store.intersection(left, right)
  }

  /// The code of traffic that holds in every family.
  public mutating func code(_ traffic: TrafficID) -> Int {
    if let known = codeOfTraffic[traffic] { return known }
    words.append(store.traffic(traffic).words)
    parts.append([])
    codeOfTraffic[traffic] = words.count - 1
    return words.count - 1
  }

  /// The code of what passes family by family.
  public mutating func code(_ parts: [Part]) -> Int {
    guard let first = parts.first else { return Self.apart }
    if parts.allSatisfy({ $0.traffic == first.traffic }) { return code(first.traffic) }
    if let known = codeOfParts[parts] { return known }
    words.append(
      parts.map {
        "\(store.traffic($0.traffic).words) (\($0.family == .ipv4 ? "IPv4" : "IPv6"))"
      }.joined(separator: "; "))
    self.parts.append(parts)
    codeOfParts[parts] = words.count - 1
    return words.count - 1
  }

  /// The place of a cell with a code for each revision.
  public mutating func cell(_ codes: [Int]) -> UInt32 {
    let key = UInt64(codes[0]) << 32 | UInt64(codes[codes.count - 1])
    if let known = cellOfCodes[key] { return known }
    cells.append(codes)
    cellOfCodes[key] = UInt32(cells.count - 1)
    return UInt32(cells.count - 1)
  }

  /// The direction in which each cell changes.
  public var marks: [Mark] {
    let traffic = Dictionary(uniqueKeysWithValues: codeOfTraffic.map { ($0.value, $0.key) })
    func list(_ code: Int, count: Int) -> [TrafficID] {
      parts[code].isEmpty
        ? Array(repeating: traffic[code] ?? .nothing, count: count) : parts[code].map(\.traffic)
    }
    return cells.map { codes in
      let (old, new) = (codes[0], codes[codes.count - 1])
      if old == new { return .same }
      let count = max(parts[old].count, parts[new].count, 1)
      let pairs = zip(list(old, count: count), list(new, count: count))
      let widens = pairs.contains { store.difference($1, $0) != .nothing }
      let narrows = pairs.contains { store.difference($0, $1) != .nothing }
      return widens ? (narrows ? .changed : .widened) : .narrowed
    }
  }
}
