#if os(Linux)
  /// Messages to nf_tables that are one transaction.
  struct NetlinkBatch {
    let family: UInt8
    private var messages: [(kind: UInt8, attributes: [UInt8])] = []
    /// The length in bytes, about.
    private(set) var count = 0

    init(family: UInt8) { self.family = family }

    var isEmpty: Bool { messages.isEmpty }

    mutating func add(_ kind: UInt8, _ attributes: [UInt8]) {
      messages.append((kind, attributes))
      count += attributes.count + 20
    }

    /// The transaction as the kernel takes it. Its last message asks for an answer.
    func encoded(_ sequence: UInt32) -> [UInt8] {
      // The begin and the end of a batch for subsystem 10, nf_tables.
      var result = Self.message(0x10, flags: 1, sequence, [0, 0, 0, 10])
      for (place, (kind, attributes)) in messages.enumerated() {
        // NLM_F_REQUEST and NLM_F_CREATE; rules are appended; the last is acknowledged.
        var flags: UInt16 = 1 | 0x400
        if kind == 6 { flags |= 0x800 }
        if place == messages.count - 1 { flags |= 4 }
        result += Self.message(
          10 << 8 | UInt16(kind), flags: flags, sequence, [family, 0, 0, 0] + attributes)
      }
      return result + Self.message(0x11, flags: 1, sequence, [0, 0, 0, 10])
    }

    private static func message(_ type: UInt16, flags: UInt16, _ sequence: UInt32, _ body: [UInt8]) -> [UInt8]
    {
      machine(UInt32(16 + body.count)) + machine(type) + machine(flags) + machine(sequence)
        + machine(UInt32(0))
        + body
    }

    /// An attribute with its padding.
    static func attribute(_ kind: UInt16, _ content: [UInt8]) -> [UInt8] {
      machine(UInt16(content.count + 4)) + machine(kind) + content
        + Array(repeating: 0, count: (4 - content.count % 4) % 4)
    }

    private static func machine<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value) { Array($0) }
    }
  }
#endif
