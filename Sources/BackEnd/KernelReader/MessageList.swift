import KernelProgram
import Ruleset

/// The kernel's messages about tables in a file: each with its type, the length of its body, and its body.
struct MessageList {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ kind: UInt8, _ body: NetlinkBytes) {
    bytes.append(kind)
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: body.count >> shift)) }
    bytes += body.storage[body.range]
  }

  /// The messages; what is cut off at the end is left out.
  static func decoded(_ bytes: [UInt8]) -> [(kind: UInt8, body: NetlinkBytes)] {
    var messages: [(kind: UInt8, body: NetlinkBytes)] = []
    var place = 0
    while place + 5 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[place + 1 + $1]) << ($1 * 8) }
      guard place + 5 + length <= bytes.count else { break }
      messages.append((bytes[place], NetlinkBytes(bytes, (place + 5)..<(place + 5 + length))))
      place += 5 + length
    }
    return messages
  }

  /// The tables that messages are about, in the order in which they are named first.
  static func tables(_ messages: [(kind: UInt8, body: NetlinkBytes)]) -> [KernelTable] {
    var readers: [(key: [UInt8], reader: ProgramReader)] = []
    for (kind, body) in messages where kind == 0 {
      guard let (family, name) = identity(body) else { continue }
      let key = [family.number] + Array(name.utf8)
      if readers.contains(where: { $0.key == key }) { continue }
      readers.append((key, ProgramReader(family, name)))
    }
    for place in readers.indices {
      for (kind, body) in messages { readers[place].reader.take(kind: kind, body) }
    }
    return readers.compactMap { $0.reader.finished() }
  }

  /// The family and the name of the table of a message.
  static func identity(_ body: NetlinkBytes) -> (family: Table.Family, name: String)? {
    guard body.count > 4 else { return nil }
    let number = body.storage[body.range.lowerBound]
    let families: [Table.Family] = [.inet, .ip, .ip6, .arp, .bridge, .netdev]
    guard let family = families.first(where: { $0.number == number }) else { return nil }
    var place = body.range.lowerBound + 4
    while let attribute = try? body.nextAttribute(at: &place) {
      if attribute.kind == 1 { return (try? attribute.content.text(of: "a table")).map { (family, $0) } }
    }
    return nil
  }
}
