import Addresses
import PolicyModel

/// The addresses that `from`, `to` entries stand for, each set once, by small numbers.
struct PeerSets {
  /// A set of addresses of both families, by its place in the two lists.
  typealias Name = Int

  private(set) var ipv4: [FlipSet<UInt32>] = []
  private(set) var ipv6: [FlipSet<UInt128>] = []
  private var ofGroups: [[Int32]: Name] = [:]
  private var ofBlocks: [IPBlock: Name] = [:]
  private var ofBlocksWithPort: [BlockWithPort: [(number: UInt16, addresses: Name)]] = [:]
  private var addressesByNumber: [PortName: [UInt16: [IPAddress]]]?

  private struct BlockWithPort: Hashable {
    let block: IPBlock?
    let port: PortName
  }

  /// The set of all addresses of both families.
  static let everything: Name = 0

  init() { _ = add(.everything, .everything) }

  private mutating func add(_ four: FlipSet<UInt32>, _ six: FlipSet<UInt128>) -> Name {
    ipv4.append(four)
    ipv6.append(six)
    return ipv4.count - 1
  }

  /// Every address of the pods of some groups, each family for itself.
  mutating func addresses(of members: [Int32], in groups: PodGroups) -> Name {
    if let known = ofGroups[members] { return known }
    var four: [UInt32] = []
    var six: [UInt128] = []
    for member in members {
      four += groups.groups[Int(member)].ipv4
      six += groups.groups[Int(member)].ipv6
    }
    four.sort()
    six.sort()
    let name = add(FlipSet(ascending: four), FlipSet(ascending: six))
    ofGroups[members] = name
    return name
  }

  /// `ipBlock`: the addresses of `cidr` without those of its own `except`; the other family has none.
  mutating func addresses(of block: IPBlock) -> Name {
    if let known = ofBlocks[block] { return known }
    let name = add(block.addresses, family: block.cidr.family)
    ofBlocks[block] = name
    return name
  }

  private mutating func add(_ set: IntervalSet<UInt128>, family: IPFamily) -> Name {
    family == .ipv4
      ? add(FlipSet(set), FlipSet(ascending: [])) : add(FlipSet(ascending: []), FlipSet(set))
  }

  /// Of the pods in a block, or of all pods when it is nil: those with a port of the given name, by its number.
  mutating func pods(
    in block: IPBlock?, with port: PortName, of cluster: Cluster
  ) -> [(number: UInt16, addresses: Name)] {
    let key = BlockWithPort(block: block, port: port)
    if let known = ofBlocksWithPort[key] { return known }
    let blockAddresses = block?.addresses
    let result = numbers(of: port, cluster).sorted { $0.key < $1.key }.map { number, addresses in
      var bits: [IPFamily: [UInt128]] = [:]
      for address in addresses {
        if let block, let blockAddresses,
          block.cidr.family != address.family || !blockAddresses.contains(address.bits)
        {
          continue
        }
        bits[address.family, default: []].append(address.bits)
      }
      let four = FlipSet<UInt32>(ascending: (bits[.ipv4] ?? []).map { UInt32($0) }.sorted())
      return (number, add(four, FlipSet(ascending: (bits[.ipv6] ?? []).sorted())))
    }
    ofBlocksWithPort[key] = result
    return result
  }

  private mutating func numbers(of port: PortName, _ cluster: Cluster) -> [UInt16: [IPAddress]] {
    if let known = addressesByNumber { return known[port] ?? [:] }
    var table: [PortName: [UInt16: [IPAddress]]] = [:]
    for pod in cluster.pods {
      for entry in pod.namedPorts
      where pod.number(ofPort: entry.name, entry.transport) == entry.number {
        let name = PortName(name: entry.name, transport: entry.transport)
        table[name, default: [:]][entry.number, default: []] += pod.addresses
      }
    }
    addressesByNumber = table
    return table[port] ?? [:]
  }
}

extension IPBlock {
  /// `cidr` without `except`: an except takes from its own block only.
  var addresses: IntervalSet<UInt128> {
    IntervalSet(cidr.interval).subtracting(
      IntervalSet(except.filter { $0.family == cidr.family }.map(\.interval)))
  }
}
