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
  private var partitions: [IPFamily: AddressPartition] = [:]
  /// The addresses of stand-ins by the places of their own in the partition.
  private var exchanged: [IPFamily: [UInt128?]] = [:]
  /// The addresses that stand-ins have of their own, by those that they were given.
  private var own: [IPFamily: [UInt128: UInt128]] = [:]

  /// The stand-ins of a cluster for a table, given decoded for each family; nil where addresses belong to several pods.
  ///
  /// - Complexity: O(n log n) in the pods and the elements of the table.
  init?(
    _ whole: Cluster, subjects: [Bool], _ tables: [(family: IPFamily, table: Table)],
    _ modes: EnforcementModes
  ) {
    guard let cells = PodCells(whole, subjects: subjects) else { return nil }
    cluster = whole
    let own = subjects.indices.filter { subjects[$0] }
    for (family, table) in tables {
      var partition = Self.partition(family, whole, cells)
      for address in own.lazy.flatMap({ whole.pods[$0].addresses }) where address.family == family {
        if let place = partition.place(of: address.bits) { partition.isolate(place) }
      }
      for range in linkSources(family).intervals + modes.unknownPodAddresses(family).intervals {
        partition.divide(range)
      }
      for address in modes.uncheckedSources where address.family == family {
        partition.divide(Interval(address.bits))
      }
      for block in cells.blocks {
        for range in [block.cidr] + block.except where range.family == family {
          partition.divide(range.interval)
        }
      }
      partition.divide(by: table)
      exchange(family, &partition)
      partitions[family] = partition
    }
    var pods: [Pod] = []
    var kept: [Bool] = []
    // Field by field: a whole pod costs a count up and down for each of its parts.
    for place in whole.pods.indices {
      let addresses = whole.pods[place].addresses.compactMap { standIn($0) }
      if addresses.isEmpty, !subjects[place] { continue }
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

  private static func partition(_ family: IPFamily, _ cluster: Cluster, _ cells: PodCells) -> AddressPartition
  {
    var addresses: [UInt128] = []
    var cellOfAddress: [Int32] = []
    for place in cluster.pods.indices {
      for address in cluster.pods[place].addresses where address.family == family {
        addresses.append(address.bits)
        cellOfAddress.append(cells.cellOfPod[place])
      }
    }
    return AddressPartition(
      family, addresses, cells: cellOfAddress, count: (cells.cellOfPod.max() ?? -1) + 1)
  }

  /// Chooses two addresses of each part, and gives them others, next to each other.
  private mutating func exchange(_ family: IPFamily, _ partition: inout AddressPartition) {
    let (starts, stretches) = partition.divideByRanges()
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
    var exchanged: [UInt128?] = Array(repeating: nil, count: partition.addresses.count)
    var own: [UInt128: UInt128] = [:]
    var next: UInt128 = 0
    var previous = -1
    for choice in chosen {
      // A stretch has room for all of its pods.
      if choice.stretch != previous { next = starts[choice.stretch] }
      previous = choice.stretch
      exchanged[choice.place] = next
      own[next] = partition.addresses[choice.place]
      next &+= 1
    }
    self.exchanged[family] = exchanged
    self.own[family] = own
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

  /// The address that stands for a pod's address; nil where another one does.
  private func standIn(_ address: IPAddress) -> IPAddress? {
    guard let place = partitions[address.family]?.place(of: address.bits),
      let given = exchanged[address.family]?[place]
    else { return nil }
    return IPAddress(address.family, bits: given)
  }

  // MARK: Tables

  /// A table with the addresses of the stand-ins in place of pods' addresses.
  func exchanged(_ table: Table, _ family: IPFamily) -> Table {
    var table = table
    for place in table.sets.indices {
      let set = table.sets[place]
      guard set.key.contains(family.addressType) else { continue }
      table.sets[place].elements = set.elements.compactMap { exchanged($0, set.key, family) }.sorted()
    }
    for place in table.maps.indices {
      let map = table.maps[place]
      guard map.key.contains(family.addressType) else { continue }
      table.maps[place].elements = map.elements.compactMap { element in
        exchanged(element.key, map.key, family).map { VerdictElement($0, element.verdict) }
      }.sorted { $0.key < $1.key }
    }
    return table
  }

  private func exchanged(_ key: ElementKey, _ types: [DataType], _ family: IPFamily) -> ElementKey? {
    func exchanged(_ field: Interval<UInt128>) -> Interval<UInt128>? {
      guard field.isSingle, let place = partitions[family]?.place(of: field.lower) else { return field }
      return self.exchanged[family]?[place].map { Interval($0) }
    }
    switch key {
    case .single(let field): return exchanged(field).map { .single($0) }
    case .concatenation(let fields):
      var result: [Interval<UInt128>] = []
      for (field, type) in zip(fields, types) {
        guard let field = type == family.addressType ? exchanged(field) : field else { return nil }
        result.append(field)
      }
      return .concatenation(result)
    }
  }

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
    if let own = own[address.family]?[address.bits] { return IPAddress(address.family, bits: own) }
    return partitions[address.family]?.place(of: address.bits) == nil ? address : nil
  }

  /// The reason why a packet shows nothing: the whole cluster has no such address.
  static let doubt = "the cluster has no address of a packet that was found"

  /// The place of a stand-in's pod in the pods of the whole cluster.
  func originalPod(_ place: Int) -> Int { places[place] }
}
