public import Ruleset

/// The chain that says in the table itself which revision it is: `netpolc-revision-12-9f3b2c1a77d0`.
///
/// It is empty and nothing jumps to it, so it means nothing to packets; the kernel finds it by its name without
/// anything being fetched; and it is made and removed in the same transaction as what it marks.
public struct RevisionMarker: Sendable, Hashable {
  private static let prefix = "netpolc-revision-"
  private static let digits = 12

  /// Counts up with each change.
  public let revision: UInt64
  /// The beginning of the digest of the table's text.
  public let digest: String

  /// The marker of a revision.
  public init(revision: UInt64, digest: String) {
    self.revision = revision
    self.digest = String(digest.prefix(Self.digits))
  }

  /// The marker that a chain's name is; nil for other chains.
  public init?(chain: String) {
    guard chain.hasPrefix(Self.prefix) else { return nil }
    let parts = chain.dropFirst(Self.prefix.count).split(separator: "-")
    guard parts.count == 2, let revision = UInt64(parts[0]), parts[1].utf8.count == Self.digits else {
      return nil
    }
    self.init(revision: revision, digest: String(parts[1]))
  }

  /// The chain's name.
  public var chain: String { "\(Self.prefix)\(revision)-\(digest)" }
}

extension TableDelta {
  /// Puts a marker in the place of another one.
  mutating func mark(_ marker: RevisionMarker, insteadOf former: RevisionMarker) {
    addedChains.append(Chain(marker.chain))
    removedChains.append(former.chain)
  }
}

extension Table {
  /// The table with a marker.
  func marked(_ marker: RevisionMarker) -> Table {
    var table = self
    table.chains.append(Chain(marker.chain))
    return table
  }

  /// The table without markers.
  public var unmarked: Table {
    var table = self
    table.chains.removeAll { RevisionMarker(chain: $0.name) != nil && $0.hook == nil && $0.rules.isEmpty }
    return table
  }

  /// The marker in the table, if there is one.
  public var marker: RevisionMarker? { chains.lazy.compactMap { RevisionMarker(chain: $0.name) }.first }
}
