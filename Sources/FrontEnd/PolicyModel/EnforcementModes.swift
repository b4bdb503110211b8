public import Addresses

/// The ways to enforce policies that an operator chooses: what a ruleset does besides what the policies say.
///
/// One value is read by all: the compiler lays out the table by it, the proof holds the table against it, and the record
/// of what is installed keeps it.
public struct EnforcementModes: Sendable, Hashable {
  /// The treatment of connections that exist already. Cutting connections once is no matter of the ruleset.
  public enum Established: String, Sendable, Hashable, CaseIterable {
    /// They go on, whatever the policies say by now.
    case keep
    /// Each of their packets is held against the policies, replies as the replies that they are.
    case recheck
  }

  /// The treatment of packets from pods to addresses of their own node, which never meet the forward hook.
  public enum PodToNode: String, Sendable, Hashable, CaseIterable {
    /// They are not looked at; the node's own packet filter decides. Most clusters rely on it.
    case open
    /// Egress policies hold for them as for any other address, by a chain at the input hook.
    case policies
  }

  /// The check that a packet comes from the pod whose address is its source.
  public enum SourceCheck: String, Sendable, Hashable, CaseIterable {
    /// Sources are believed.
    case off
    /// A packet with the address of a pod of this node as its source must come by the interface that the route to this
    /// pod names.
    case local
    /// Besides, what comes by a pod's interface must have a source that is routed to it.
    case pods
  }

  /// The packets that are counted.
  public enum Counts: String, Sendable, Hashable, CaseIterable {
    /// Those that are denied, by the class of pods or the rule of ClusterNetworkPolicy that denied them.
    case denied
    /// Besides, for each rule of ClusterNetworkPolicy those that it decides about: accepts, denies or passes to the next tier.
    case rules
  }

  /// The log of denied packets.
  public struct Log: Sendable, Hashable {
    /// The time over which lines are counted, as nft writes it.
    public enum Unit: String, Sendable, Hashable, CaseIterable {
      /// One second of time.
      case second
      /// One minute of time.
      case minute
      /// One hour of time.
      case hour
      /// One day of time.
      case day
    }

    /// The largest number of lines per unit of time and chain.
    public var rate: UInt64
    /// The unit of time.
    public var unit: Unit
    /// The nflog group; nil for the kernel's log.
    public var group: UInt16?

    /// A log of at most `rate` lines per unit of time and chain.
    public init(rate: UInt64 = 10, unit: Unit = .second, group: UInt16? = nil) {
      self.rate = rate
      self.unit = unit
      self.group = group
    }
  }

  /// The treatment of connections that exist already.
  public var established: Established
  /// The blocks of the node's pod addresses, if addresses in them that no pod of the inventory has must neither send nor
  /// receive; ascending, empty where such addresses are open.
  public var unknownPodBlocks: [CIDR] {
    didSet { unknownPodBlocks.sort() }
  }
  /// The log of denied packets; nil: none.
  public var log: Log?
  /// True where denied packets are only counted and logged, and pass.
  public var isAudit: Bool
  /// The packets that are counted.
  public var counts: Counts
  /// The treatment of packets from pods to addresses of their own node.
  public var podToNode: PodToNode
  /// The check of packets' sources.
  public var sourceCheck: SourceCheck
  /// The names of pods' interfaces, ascending; one that ends in `*` stands for all names that begin so. They count where
  /// `sourceCheck` is `pods`.
  public var podInterfaces: [String] {
    didSet { podInterfaces.sort() }
  }
  /// The addresses of this node's pods to which no route led when it was looked at, ascending: packets with these sources
  /// are not checked, since none of them could pass.
  public var uncheckedSources: [IPAddress] {
    didSet { uncheckedSources.sort() }
  }

  /// The plain modes unless said otherwise.
  public init(
    established: Established = .keep, unknownPodBlocks: [CIDR] = [], log: Log? = nil, isAudit: Bool = false,
    counts: Counts = .denied, podToNode: PodToNode = .open, sourceCheck: SourceCheck = .off,
    podInterfaces: [String] = [],
    uncheckedSources: [IPAddress] = []
  ) {
    self.established = established
    self.unknownPodBlocks = unknownPodBlocks.sorted()
    self.log = log
    self.isAudit = isAudit
    self.counts = counts
    self.podToNode = podToNode
    self.sourceCheck = sourceCheck
    self.podInterfaces = podInterfaces.sorted()
    self.uncheckedSources = uncheckedSources.sorted()
  }

  /// True where packets with an address of a pod of this node as their source are checked.
  public func checksSource(_ address: IPAddress) -> Bool {
    sourceCheck != .off && !uncheckedSources.contains(address)
  }

  /// The unknown-pods blocks of one family as a set of addresses.
  public func unknownPodAddresses(_ family: IPFamily) -> IntervalSet<UInt128> {
    IntervalSet(unknownPodBlocks.filter { $0.family == family }.map(\.interval))
  }

  /// The modes in words, for headers and reports; empty for the plain ones. `podToNode` is left out: a chain of its own
  /// shows it.
  public var summary: [String] {
    var words: [String] = []
    if established == .recheck { words.append("established connections are rechecked") }
    if !unknownPodBlocks.isEmpty {
      words.append(
        "unknown pods of \(unknownPodBlocks.map(\.description).joined(separator: ", ")) are denied")
    }
    switch sourceCheck {
    case .off: break
    case .local: words.append("sources of this node's pods are checked")
    case .pods: words.append("sources of this node's pods, and of what pods' interfaces bring, are checked")
    }
    if counts == .rules { words.append("rules of ClusterNetworkPolicy are counted") }
    if log != nil { words.append("denials are logged") }
    if isAudit { words.append("audit: nothing is dropped") }
    return words
  }
}
