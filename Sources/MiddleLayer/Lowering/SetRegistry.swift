import Digest
import PolicyModel
public import Ruleset

/// The named sets of one ruleset: each stands once, however many rules use it.
///
/// A set's name comes from what it stands for, never from its position or its elements, so that an edit renames
/// nothing else and a pod more or less keeps the name.
public struct SetRegistry {
  /// The description of a set: the parts of its name, and its type.
  public struct Description: Sendable {
    /// The beginning of the name: the kind of set.
    public let prefix: String
    /// The readable part of the name; any characters.
    public let hint: String
    /// The full identity of the set: two sets are one when this is the same.
    public let identity: String
    /// The type of its keys.
    public let key: [DataType]
    /// True where it holds ranges.
    public let flags: SetFlags
    /// The remark printed above it.
    public let remark: String?
    /// The digest of the identity.
    public let digest: String

    /// A description of its parts; the digest is that of the identity.
    public init(
      prefix: String, hint: String, identity: String, key: [DataType], flags: SetFlags = [],
      remark: String? = nil
    ) {
      self.prefix = prefix
      self.hint = hint
      self.identity = identity
      self.key = key
      self.flags = flags
      self.remark = remark
      digest = SHA256.hex(identity)
    }
  }

  /// The sets by name.
  public private(set) var sets: [String: NamedSet] = [:]
  /// The remark about each set, by name.
  private(set) var remarks: [String: String] = [:]
  /// The policies whose rules use each set, by name.
  private(set) var users: [String: Set<PolicyID>] = [:]
  /// The identity of each set, by name; sets that exist in another table included.
  public private(set) var identities: [String: String]

  /// The names of the sets in the order in which they were made.
  private var made: [String] = []
  /// The first use of each set by each policy, in order.
  private var firstUses: [(set: String, policy: PolicyID)] = []

  /// A state of a registry that it can go back to.
  struct State {
    fileprivate let sets: Int
    fileprivate let uses: Int
  }

  /// The number of times that something was forgotten again.
  private(set) var removals = 0

  /// The state as it is now.
  var state: State { State(sets: made.count, uses: firstUses.count) }

  /// Forgets sets and uses that came after a state of this registry. O(n) in what is forgotten.
  mutating func goBack(to state: State) {
    if made.count > state.sets || firstUses.count > state.uses { removals += 1 }
    for name in made[state.sets...] {
      identities[name] = taken[name]
      sets[name] = nil
      remarks[name] = nil
      users[name] = nil
    }
    made.removeLast(made.count - state.sets)
    for use in firstUses[state.uses...] { users[use.set]?.remove(use.policy) }
    firstUses.removeLast(firstUses.count - state.uses)
  }

  private let taken: [String: String]

  /// No sets yet; names that other sets have are known with what these stand for.
  public init(taken: [String: String] = [:]) {
    self.taken = taken
    identities = taken
  }

  /// The name of the set that `description` asks for, which is made with `elements` when it is not there yet.
  mutating func add(_ description: Description, elements: () -> [ElementKey]) -> String {
    let digest = description.digest
    var digits = 8
    var name = Name.make(prefix: description.prefix, hint: description.hint, digest: digest.prefix(digits))
    // Thirty-two bits can collide; two sets under one name would be a hole. The longer name is still by content.
    while let other = identities[name], other != description.identity {
      digits += 8
      name = Name.make(prefix: description.prefix, hint: description.hint, digest: digest.prefix(digits))
    }
    if sets[name] == nil {
      identities[name] = description.identity
      sets[name] = NamedSet(name, key: description.key, flags: description.flags, elements: elements())
      remarks[name] = description.remark
      made.append(name)
    }
    return name
  }

  /// A set with what is known about it, which can come back once it was forgotten.
  struct Kept {
    fileprivate let set: NamedSet
    fileprivate let identity: String
    fileprivate let remark: String?

    /// The name of the set.
    var name: String { self.set.name }
  }

  /// The set of a name, to be kept.
  func kept(_ name: String) -> Kept? {
    guard let set = sets[name], let identity = identities[name] else { return nil }
    return Kept(set: set, identity: identity, remark: remarks[name])
  }

  /// Makes a kept set again where it is not there; false where its name is another set's now.
  mutating func bringBack(_ kept: Kept) -> Bool {
    let name = kept.name
    if let other = identities[name], other != kept.identity { return false }
    if sets[name] == nil {
      identities[name] = kept.identity
      sets[name] = kept.set
      remarks[name] = kept.remark
      made.append(name)
    }
    return true
  }

  /// Notes that a policy's rules use a set.
  mutating func use(_ name: String, by policy: PolicyID) {
    if users[name, default: []].insert(policy).inserted { firstUses.append((name, policy)) }
  }
}

/// Names of sets, maps and chains: what nft's grammar takes without quotes.
enum Name {
  /// The limit of a hint's length in bytes; the kernel takes names of 255 bytes in all.
  static let longestHint = 48

  /// `prefix` + `hint` + `-` + `digest`, with whatever nft would not read replaced by a dot.
  static func make(prefix: String, hint: String, digest: some StringProtocol) -> String {
    let cleaned = clean(hint)
    return cleaned.isEmpty ? "\(prefix)\(digest)" : "\(prefix)\(cleaned)-\(digest)"
  }

  /// At most `longestHint` bytes of letters, digits, dots, slashes, hyphens and underscores; dots and hyphens at
  /// the ends are left out.
  static func clean(_ hint: String) -> String {
    var bytes: [UInt8] = []
    for byte in hint.utf8 {
      let kept = isPlain(byte) ? byte : UInt8(ascii: ".")
      if kept == UInt8(ascii: "."), bytes.last == kept { continue }
      bytes.append(kept)
      if bytes.count == longestHint { break }
    }
    let edge = Set("-._/".utf8)
    while let last = bytes.last, edge.contains(last) { bytes.removeLast() }
    return String(decoding: bytes.drop { edge.contains($0) }, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
