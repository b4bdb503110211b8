import Addresses
import TestSupport
import Testing

@testable import Reachability

/// Random diagrams over few addresses and ports, so that everything overlaps with everything.
struct RandomDiagrams {
  var generator: SeededGenerator
  let family: IPFamily
  let store: DiagramStore

  mutating func traffic() -> TrafficSet {
    var result = TrafficSet.nothing
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      let first = generator.pick([UInt16(0), 1, 80, 81, 65_535])
      let ports = PortSet(
        Interval(first, first + min(UInt16.max - first, generator.pick([0, 1, 300, 65_535]))))
      let next = TrafficSet(generator.pick([0, 1, 6, 17, 127, 128, 255]), ports)
      result = generator.chance(oneIn: 4) ? result.subtracting(next) : result.union(next)
    }
    return generator.chance(oneIn: 5) ? TrafficSet.everything.subtracting(result) : result
  }

  mutating func addresses() -> IntervalSet<UInt128> {
    let most = family.maximum
    return IntervalSet(
      (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        let bounds = [generator.pick(corners(most)), generator.pick(corners(most))]
        return Interval(bounds.min() ?? 0, bounds.max() ?? 0)
      })
  }

  private func corners(_ most: UInt128) -> [UInt128] { [0, 1, 2, 7, 8, most / 2, most - 8, most - 1, most] }

  mutating func diagram() -> Diagram {
    var result = Diagram.nothing(family)
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let next = store.product(family, addresses(), store.intern(traffic()))
      result = generator.chance(oneIn: 4) ? store.difference(result, next) : store.union(result, next)
    }
    return result
  }

  func contains(_ set: Diagram, _ address: UInt128, _ transport: UInt8, _ port: UInt16) -> Bool {
    store.traffic(store.traffic(of: set, at: address)).contains(transport, port)
  }
}

@Suite("diagrams obey the laws of sets, and equal sets have equal names", .bounded)
struct DiagramLawTests {
  @Test("two diagrams differ just where their traffic does", arguments: IPFamily.allCases)
  func differences(family: IPFamily) {
    let store = DiagramStore()
    var random = RandomDiagrams(generator: SeededGenerator(seed: 8), family: family, store: store)
    for _ in 0..<300 {
      let (left, right) = (random.diagram(), random.diagram())
      var found = Diagram.nothing(family)
      store.forEachDifference(left, right) { interval, before, after in
        for address in [interval.lower, interval.upper] {
          #expect(store.traffic(of: left, at: address) == before)
          #expect(store.traffic(of: right, at: address) == after)
        }
        let difference = store.union(store.difference(before, after), store.difference(after, before))
        #expect(difference != .nothing)
        found = store.union(found, store.product(family, IntervalSet(interval), difference))
      }
      let expected = store.union(store.difference(left, right), store.difference(right, left))
      #expect(found == expected)
    }
  }

  @Test("600 random triples", arguments: IPFamily.allCases)
  func laws(family: IPFamily) {
    let store = DiagramStore()
    var random = RandomDiagrams(generator: SeededGenerator(seed: 7), family: family, store: store)
    let all = Diagram.everything(family)
    let none = Diagram.nothing(family)
    for _ in 0..<600 {
      let (a, b, c) = (random.diagram(), random.diagram(), random.diagram())
      #expect(store.union(a, b) == store.union(b, a))
      #expect(store.intersection(a, b) == store.intersection(b, a))
      #expect(store.union(a, store.union(b, c)) == store.union(store.union(a, b), c))
      #expect(
        store.intersection(a, store.intersection(b, c)) == store.intersection(store.intersection(a, b), c))
      #expect(
        store.intersection(a, store.union(b, c))
          == store.union(store.intersection(a, b), store.intersection(a, c)))
      #expect(
        store.union(a, store.intersection(b, c))
          == store.intersection(store.union(a, b), store.union(a, c)))
      #expect(store.union(a, store.intersection(a, b)) == a)
      #expect(store.complement(store.complement(a)) == a)
      #expect(store.difference(a, b) == store.intersection(a, store.complement(b)))
      #expect(
        store.complement(store.union(a, b)) == store.intersection(store.complement(a), store.complement(b)))
      #expect(store.union(a, store.complement(a)) == all)
      #expect(store.intersection(a, store.complement(a)) == none)
      #expect(store.isEmpty(store.difference(a, a)))
    }
  }

  @Test("membership, witness and count agree", arguments: IPFamily.allCases)
  func members(family: IPFamily) throws {
    let store = DiagramStore()
    var random = RandomDiagrams(generator: SeededGenerator(seed: 11), family: family, store: store)
    let most = family.maximum
    let addresses: [UInt128] = [0, 1, 3, 7, 8, 9, most / 2, most / 2 + 1, most - 1, most]
    for _ in 0..<300 {
      let (a, b) = (random.diagram(), random.diagram())
      let (either, both, less) = (store.union(a, b), store.intersection(a, b), store.difference(a, b))
      for address in addresses {
        for transport: UInt8 in [0, 1, 6, 17, 132, 255] {
          for port: UInt16 in [0, 1, 80, 82, 65_535] {
            let inA = random.contains(a, address, transport, port)
            let inB = random.contains(b, address, transport, port)
            #expect(random.contains(either, address, transport, port) == (inA || inB))
            #expect(random.contains(both, address, transport, port) == (inA && inB))
            #expect(random.contains(less, address, transport, port) == (inA && !inB))
          }
        }
      }
      if let witness = store.witness(a) {
        #expect(random.contains(a, witness.address.bits, witness.transport, witness.port))
        if witness.address.bits > 0 {
          #expect(store.traffic(of: a, at: witness.address.bits - 1) == .nothing)
        }
      } else {
        #expect(store.isEmpty(a))
      }
      let sizes = [a, b, both, either].map { store.count($0).approximate }
      #expect(abs(sizes[0] + sizes[1] - sizes[2] - sizes[3]) <= sizes[3] * 1e-9)
    }
  }

  @Test("one set, built whole, in pieces, backwards and as a complement, has one name")
  func canonical() {
    let store = DiagramStore()
    var random = RandomDiagrams(generator: SeededGenerator(seed: 3), family: .ipv4, store: store)
    for _ in 0..<200 {
      let pieces = (0..<5).map { _ in (random.addresses(), random.traffic()) }
      let products = pieces.map { store.product(.ipv4, $0.0, store.intern($0.1)) }
      let forwards = products.reduce(Diagram.nothing(.ipv4)) { store.union($0, $1) }
      let backwards = products.reversed().reduce(Diagram.nothing(.ipv4)) { store.union($0, $1) }
      let swept = store.union32(
        pieces.map { Term(addresses: BoundarySet($0.0), traffic: store.intern($0.1).index) })
      let removed = products.reduce(Diagram.everything(.ipv4)) { store.difference($0, $1) }
      #expect(forwards == backwards)
      #expect(forwards == swept)
      #expect(forwards == store.complement(removed))
    }
  }

  @Test("a sweep of more terms than a word has bits")
  func wideSweep() {
    let store = DiagramStore()
    let terms = (0..<200).map { number in
      Term<UInt128>(
        addresses: BoundarySet(IntervalSet(Interval(UInt128(number), UInt128(number) * 2))),
        traffic: store.intern(TrafficSet(6, PortSet(Interval(UInt16(number % 7))))).index)
    }
    let plain = terms.reduce(Diagram.nothing(.ipv6)) { store.union($0, store.union128([$1])) }
    #expect(store.union128(terms) == plain)
  }

  @Test("the whole space is counted exactly")
  func counting() {
    let store = DiagramStore()
    #expect(store.count(.everything(.ipv4)) == Count(high: 0, low: 1 << 56))
    #expect(store.count(.everything(.ipv6)) == Count(high: 1 << 24, low: 0))
    #expect(store.count(.nothing(.ipv6)) == Count(high: 0, low: 0))
    #expect(TrafficSet(6, PortSet(Interval(80, 89))).count == 10)
  }
}

@Suite("sets of protocol and port are canonical", .bounded)
struct TrafficSetTests {
  @Test("all ports in two halves are the whole protocol")
  func halves() {
    let halves = TrafficSet(17, PortSet(Interval(0, 79))).union(TrafficSet(17, PortSet(Interval(80, 65_535))))
    #expect(halves == TrafficSet(17))
    #expect(halves.parts.isEmpty)
    #expect(halves.subtracting(TrafficSet(17)).isEmpty)
  }

  @Test(
    "texts",
    arguments: [
      (TrafficSet.everything, "all"), (.nothing, "none"), (TrafficSet(6, PortSet(Interval(80))), "tcp 80"),
      (TrafficSet(17).union(TrafficSet(132, PortSet(Interval(7, 9)))), "udp, sctp 7-9"),
      (TrafficSet.everything.subtracting(TrafficSet(6)), "all protocols but tcp"),
    ])
  func texts(set: TrafficSet, text: String) { #expect(set.description == text) }
}
