import Addresses
import PolicyModel
import Reachability
import Ruleset

/// The addresses of a cluster's pods, in parts of which stand-ins are chosen: as policies and modes distinguish them, and as
/// tables do that divided them further.
struct StandInParts {
  let cluster: Cluster
  /// For each pod whether it is a subject.
  let subjects: [Bool]
  private(set) var ofFamily: [OfFamily] = []

  /// The parts of one family.
  struct OfFamily {
    /// The parts before ranges of addresses divide them.
    fileprivate var undivided: AddressPartition
    /// The pod of each address.
    let podOfPlace: [Int]
    /// The parts, each in one stretch of addresses.
    private(set) var partition: AddressPartition
    /// The starts of the stretches, ascending.
    private(set) var starts: [UInt128]
    /// The stretch of each address.
    private(set) var stretches: [Int]

    fileprivate init(_ undivided: AddressPartition, podOfPlace: [Int]) {
      self.undivided = undivided
      self.podOfPlace = podOfPlace
      partition = undivided
      (starts, stretches) = partition.divideByRanges()
    }

    fileprivate mutating func divide(by table: Table) {
      undivided.divide(by: table)
      self = OfFamily(undivided, podOfPlace: podOfPlace)
    }

    /// True where a table divides no part.
    fileprivate func suffices(for table: Table) -> Bool {
      var divided = partition
      divided.divide(by: table)
      return divided.rangeStarts == starts && divided.count == partition.count
    }
  }

  /// The parts as policies and modes distinguish addresses; nil where addresses belong to several pods.
  ///
  /// - Complexity: O(n log n) in the pods.
  init?(_ cluster: Cluster, subjects: [Bool], _ families: [IPFamily], _ modes: EnforcementModes) {
    guard let cells = PodCells(cluster, subjects: subjects) else { return nil }
    self.cluster = cluster
    self.subjects = subjects
    let own = subjects.indices.filter { subjects[$0] }
    for family in families {
      var (partition, podOfPlace) = Self.partition(family, cluster, cells)
      for address in own.lazy.flatMap({ cluster.pods[$0].addresses }) where address.family == family {
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
      ofFamily.append(OfFamily(partition, podOfPlace: podOfPlace))
    }
  }

  /// The partition of a family's addresses, and the pod of each of them.
  private static func partition(
    _ family: IPFamily, _ cluster: Cluster, _ cells: PodCells
  ) -> (AddressPartition, podOfPlace: [Int]) {
    var addresses: [UInt128] = []
    var cellOfAddress: [Int32] = []
    var podOfPlace: [Int] = []
    for place in cluster.pods.indices {
      for address in cluster.pods[place].addresses where address.family == family {
        addresses.append(address.bits)
        cellOfAddress.append(cells.cellOfPod[place])
        podOfPlace.append(place)
      }
    }
    let count = (cells.cellOfPod.max() ?? -1) + 1
    return (AddressPartition(family, addresses, cells: cellOfAddress, count: count), podOfPlace)
  }

  /// True where the tables, given decoded for each family, distinguish no addresses that are together. O(n) in the elements.
  func suffice(for tables: [(family: IPFamily, table: Table)]) -> Bool {
    zip(ofFamily, tables).allSatisfy { $0.suffices(for: $1.table) }
  }

  /// Divides the parts by what the tables distinguish.
  mutating func divide(by tables: [(family: IPFamily, table: Table)]) {
    for (place, table) in tables.enumerated() where place < ofFamily.count {
      ofFamily[place].divide(by: table.table)
    }
  }
}
