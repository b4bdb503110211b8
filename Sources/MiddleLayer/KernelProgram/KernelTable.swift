public import Ruleset

/// A table as the kernel holds it, in normal form: without handles, counter values, comments and numbers of sets;
/// chains and sets by name, elements sorted, anonymous sets within the instructions that use them. Two tables are equal
/// exactly when the kernel executes the same.
public struct KernelTable: Sendable, Hashable {
  /// The table's family.
  public var family: Table.Family
  /// The table's name.
  public var name: String
  /// Flags of the table.
  public var flags: KernelTableFlags
  /// Named sets and maps by name, ascending.
  public var sets: [KernelSet]
  /// Chains by name, ascending.
  public var chains: [KernelChain]
  /// Parts of the table itself that are not in the closed lists of what is known; each makes every claim undecided.
  public var unknown: [String]

  /// A table in normal form; chains and sets may come in any order.
  public init(
    _ family: Table.Family, _ name: String, flags: KernelTableFlags = [], sets: [KernelSet] = [],
    chains: [KernelChain] = [], unknown: [String] = []
  ) {
    self.family = family
    self.name = name
    self.flags = flags
    self.sets = sets.sorted { $0.name < $1.name }
    self.chains = chains.sorted { $0.name < $1.name }
    self.unknown = unknown.sorted()
  }

  /// Everything in the table that is unknown, with the object it belongs to. O(rules and sets).
  public var everythingUnknown: [String] {
    var result = unknown.map { "table \(name): \($0)" }
    for set in sets { result += set.unknown.map { "set \(set.name): \($0)" } }
    for chain in chains {
      result += chain.unknown.map { "chain \(chain.name): \($0)" }
      for (number, rule) in chain.rules.enumerated() {
        result += rule.unknown.map { "chain \(chain.name), rule \(number + 1): \($0)" }
      }
    }
    return result
  }
}

/// Flags of a table by the kernel's bits.
public struct KernelTableFlags: OptionSet, Sendable, Hashable {
  /// The bits (`NFT_TABLE_F_…`).
  public let rawValue: UInt32
  /// Flags of the given bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// No chain of the table is executed.
  public static let dormant = KernelTableFlags(rawValue: 1)
  /// The table goes with the process that made it.
  public static let owner = KernelTableFlags(rawValue: 2)
  /// An owned table stays when its process goes.
  public static let persist = KernelTableFlags(rawValue: 4)
  /// The flags of this list.
  public static let known: KernelTableFlags = [.dormant, .owner, .persist]
}

/// A chain as the kernel holds it.
public struct KernelChain: Sendable, Hashable {
  /// The chain's name.
  public var name: String
  /// Where packets enter; nil for a chain that is only jumped to.
  public var hook: Chain.Hook?
  /// The rules, first to last.
  public var rules: [KernelRule]
  /// Parts of the chain that are not in the closed list.
  public var unknown: [String]

  /// Creates a chain.
  public init(_ name: String, hook: Chain.Hook? = nil, rules: [KernelRule] = [], unknown: [String] = []) {
    self.name = name
    self.hook = hook
    self.rules = rules
    self.unknown = unknown
  }
}

/// A rule as the kernel holds it.
public struct KernelRule: Sendable, Hashable {
  /// The instructions, first to last.
  public var instructions: [Instruction]

  /// Creates a rule.
  public init(_ instructions: [Instruction]) { self.instructions = instructions }

  /// The unknown parts of the rule and of its anonymous sets.
  public var unknown: [String] {
    instructions.flatMap { instruction -> [String] in
      switch instruction {
      case .unknown(let text): [text]
      case .lookup(_, .anonymous(let set), _), .verdictLookup(_, .anonymous(let set)): set.unknown
      default: []
      }
    }
  }
}
