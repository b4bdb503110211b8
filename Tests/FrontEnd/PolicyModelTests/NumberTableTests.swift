import Addresses
import TestSupport
import Testing

@testable import PolicyModel

@Suite("Tables of numbers")
struct NumberTableTests {
  /// A table beside a dictionary: few keys, so that many numbers have one, and entries go as often as they come.
  @Test("entries come and go as in a dictionary", arguments: UInt64(0)..<8)
  func randomly(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var table = NumberTable<UInt32>()
    var wanted: [UInt32: Set<Int>] = [:]
    let keys: UInt32 = seed % 2 == 0 ? 20 : 5_000
    for step in 0..<20_000 {
      let (key, number) = (
        UInt32.random(in: 0..<keys, using: &random), Int.random(in: 0..<50, using: &random)
      )
      let isGrowing = step % 8_000 < 5_000
      if Int.random(in: 0..<10, using: &random) < (isGrowing ? 7 : 3) {
        if wanted[key, default: []].insert(number).inserted { table.insert(number, key) }
      } else {
        wanted[key]?.remove(number)
        table.remove(number, key)
      }
      if step % 500 == 0 {
        #expect(table.count == wanted.values.reduce(0) { $0 + $1.count })
        for key in 0..<keys { #expect(table.numbers(key).sorted() == (wanted[key] ?? []).sorted()) }
      }
    }
  }

  @Test("addresses of both families are told apart, and a number is there once")
  func addresses() {
    var numbers = AddressNumbers()
    let (four, six) = (IPAddress(.ipv4, bits: 7), IPAddress(.ipv6, bits: 7))
    numbers.insert(1, four)
    numbers.insert(1, four)
    numbers.insert(2, six)
    numbers.insert(3, six)
    #expect(numbers.numbers(four) == [1])
    #expect(numbers.numbers(six).sorted() == [2, 3])
    numbers.remove(1, four)
    numbers.remove(3, six)
    numbers.remove(9, six)
    #expect(numbers.numbers(four) == [])
    #expect(numbers.first(six) { _ in true } == 2)
  }

  @Test("pods have the number of their own name")
  func pods() {
    var numbers = PodNumbers()
    let names = (0..<1_000).map { ("ns\($0 % 7)", "pod\($0)") }
    for (number, name) in names.enumerated() { numbers.insert(number, name.0, name.1) }
    func number(_ name: (String, String)) -> Int? {
      numbers.number(name.0, name.1) { names[$0] == name }
    }
    #expect(names.indices.allSatisfy { number(names[$0]) == $0 })
    for (place, name) in names.enumerated() where place % 3 == 0 { numbers.remove(place, name.0, name.1) }
    #expect(names.indices.allSatisfy { number(names[$0]) == ($0 % 3 == 0 ? nil : $0) })
    #expect(numbers.count == 666)
  }
}
