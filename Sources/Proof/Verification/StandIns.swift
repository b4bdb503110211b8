import Addresses
import PolicyModel
import Reachability
import Ruleset

/// A few pods of a large cluster that stand for all of them, with addresses next to each other.
///
/// Where neither the policies nor a table distinguish some addresses, two of them show what holds for all: a packet is
/// judged by its two ends, and a third address makes no other pair. So a proof about the stand-ins, with a table that has
/// no other pods' addresses, is a proof about the cluster. Their addresses are exchanged for others of the same ranges, so
/// that what is treated alike is one interval; the pods of the node itself are all kept.
struct StandIns {
  /// The cluster of the stand-ins.
  private(set) var cluster: Cluster
  /// For each of its pods whether it is a subject.
  private(set) var subjects: [Bool] = []
  /// For each of its pods the place of the pod that it is, in the pods of the whole cluster.
  private var places: [Int] = []
  private var exchanges: [IPFamily: AddressExchange] = [:]

  /// The stand-ins of a cluster for a table, given decoded for each family; nil where addresses belong to several pods.
  ///
  /// - Complexity: O(n log n) in the pods and the elements of the table.
  init?(
    _ whole: Cluster, subjects: [Bool], _ tables: [(family: IPFamily, table: Table)],
    _ modes: EnforcementModes
  ) {
    guard var parts = StandInParts(whole, subjects: subjects, tables.map(\.family), modes) else { return nil }
    parts.divide(by: tables)
    self.init(parts)
  }

  /// The stand-ins of the parts of a cluster.
  init(_ parts: StandInParts) {
    let (whole, subjects) = (parts.cluster, parts.subjects)
    cluster = whole
    // The pods that stay, by their places.
    var isKept = subjects
    for part in parts.ofFamily { exchange(part) { isKept[part.podOfPlace[$0]] = true } }
    var pods: [Pod] = []
    var kept: [Bool] = []
    for place in whole.pods.indices where isKept[place] {
      let addresses = whole.pods[place].addresses.compactMap { address in
        exchanges[address.family]?.standIn(address.bits).map { IPAddress(address.family, bits: $0) }
      }
      // A pod of the node keeps its addresses together; of any other each address counts by itself.
      for own in subjects[place] ? [addresses] : addresses.map({ [$0] }) {
        var standIn = whole.pods[place]
        standIn.addresses = own
        pods.append(standIn)
        kept.append(subjects[place])
        places.append(place)
      }
    }
    cluster = whole.with(pods: pods)
    self.subjects = kept
  }

  /// Chooses two addresses of each part, and gives them others, next to each other; `keep` is called for the place of each.
  private mutating func exchange(_ part: StandInParts.OfFamily, keep: (Int) -> Void) {
    let (partition, starts, stretches) = (part.partition, part.starts, part.stretches)
    var chosen: [Choice] = []
    var first: [(place: Int, count: Int)] = Array(repeating: (0, 0), count: partition.cells.count)
    for (place, part) in partition.parts.enumerated() {
      let part = Int(part)
      if first[part].count == 2 { continue }
      if first[part].count == 0 { first[part].place = place }
      first[part].count += 1
      chosen.append(
        Choice(
          stretch: stretches[place], cell: partition.cells[part], first: first[part].place, place: place))
    }
    chosen.sort()
    var exchange = AddressExchange(partition)
    var next: UInt128 = 0
    var previous = -1
    for choice in chosen {
      // A stretch has room for all of its pods.
      if choice.stretch != previous { next = starts[choice.stretch] }
      previous = choice.stretch
      exchange.give(next, to: choice.place)
      keep(choice.place)
      next &+= 1
    }
    exchanges[partition.family] = exchange
  }

  /// An address that stays, in the order in which addresses are given.
  private struct Choice: Comparable {
    let stretch: Int
    let cell: Int32
    let first: Int
    let place: Int

    static func < (left: Choice, right: Choice) -> Bool {
      (left.stretch, left.cell, left.first, left.place) < (
        right.stretch, right.cell, right.first, right.place
      )
    }
  }

  /// A table with the addresses of the stand-ins in place of pods' addresses.
  func exchanged(_ table: Table, _ family: IPFamily) -> Table { exchanges[family]?.exchanged(table) ?? table }

  // MARK: Back to the whole cluster

  /// The packet of the whole cluster that a packet between stand-ins and others is; nil where one of its addresses was
  /// exchanged away.
  func original(_ packet: Packet) -> Packet? {
    guard let source = original(packet.source), let destination = original(packet.destination) else {
      return nil
    }
    var packet = packet
    packet.source = source
    packet.destination = destination
    return packet
  }

  private func original(_ address: IPAddress) -> IPAddress? {
    guard let exchange = exchanges[address.family] else { return address }
    if let own = exchange.original(address.bits) { return IPAddress(address.family, bits: own) }
    return exchange.isOfPod(address.bits) ? nil : address
  }

  /// The reason why a packet shows nothing: the whole cluster has no such address.
  static let doubt = "the cluster has no address of a packet that was found"

  /// The place of a stand-in's pod in the pods of the whole cluster.
  func originalPod(_ place: Int) -> Int { places[place] }
}
