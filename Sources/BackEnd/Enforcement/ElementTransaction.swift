#if os(Linux)
  import Addresses
  import NFTables
  import Ruleset

  /// A transaction that changes nothing but elements of sets of addresses and of maps from addresses to chains, as the kernel
  /// takes it: libnftables would read sets again to delete an element, and fill small ones anew.
  struct ElementTransaction {
    /// The messages, from the batch's beginning to its end.
    private(set) var bytes: [UInt8] = []

    /// More elements than these are libnftables' work.
    private static let most = 2_000
    /// A list of elements has a length of 16 bits.
    private static let mostOfMessage = 400

    /// The transaction of a difference; nil where it changes anything else.
    ///
    /// - Parameters:
    ///   - delta: the difference.
    ///   - generation: the namespace's count of transactions: where another one comes first, the kernel refuses.
    init?(_ delta: TableDelta, generation: UInt32) {
      guard !delta.needsReplacement, delta.addedSets.isEmpty, delta.removedSets.isEmpty,
        delta.addedMaps.isEmpty, delta.removedMaps.isEmpty, delta.addedChains.isEmpty,
        delta.removedChains.isEmpty, delta.changedChains.isEmpty, delta.family == .inet
      else { return nil }
      let count =
        delta.changedSets.reduce(0) { $0 + $1.added.count + $1.removed.count }
        + delta.changedMaps.reduce(0) { $0 + $1.added.count + $1.removed.count }
      guard (1...Self.most).contains(count),
        delta.changedSets.allSatisfy({ Self.isPlain($0.set.key, $0.set.flags) }),
        delta.changedMaps.allSatisfy({ Self.isPlain($0.map.key, $0.map.flags) })
      else { return nil }
      message(0x10, flags: 0, family: 0, resource: 10) { batch in
        batch.attribute(1) { $0.append(bigEndian: generation) }
      }
      // A key whose verdict changes goes before it comes.
      for change in delta.changedMaps {
        elements(14, delta.name, change.map.name, change.map.key, change.removed.map { ($0.key, nil) })
      }
      for change in delta.changedSets {
        elements(14, delta.name, change.set.name, change.set.key, change.removed.map { ($0, nil) })
      }
      for change in delta.changedSets {
        elements(12, delta.name, change.set.name, change.set.key, change.added.map { ($0, nil) })
      }
      for change in delta.changedMaps {
        guard change.added.allSatisfy({ if case .jump = $0.verdict { true } else { false } }) else {
          return nil
        }
        elements(
          12, delta.name, change.map.name, change.map.key,
          change.added.map { ($0.key, $0.verdict.target) })
      }
      message(0x11, flags: 0, family: 0, resource: 10) { _ in }
    }

    private static func isPlain(_ key: [DataType], _ flags: SetFlags) -> Bool {
      flags.isEmpty && key.allSatisfy { $0 == .ipv4Address || $0 == .ipv6Address }
    }

    /// Messages (12: to add, 14: to delete) about elements of a set or map.
    private mutating func elements(
      _ kind: UInt16, _ table: String, _ set: String, _ types: [DataType],
      _ elements: [(key: ElementKey, chain: String?)]
    ) {
      var rest = elements[...]
      while !rest.isEmpty {
        let part = rest.prefix(Self.mostOfMessage)
        rest = rest.dropFirst(part.count)
        // Acknowledge; create.
        message(10 << 8 | kind, flags: kind == 12 ? 0x404 : 0x4, family: 1, resource: 0) { message in
          message.attribute(1) { $0.append(text: table) }
          message.attribute(2) { $0.append(text: set) }
          message.attribute(3, isNested: true) { list in
            for element in part {
              list.attribute(1, isNested: true) { $0.append(element, types) }
            }
          }
        }
      }
    }

    private mutating func append(_ element: (key: ElementKey, chain: String?), _ types: [DataType]) {
      attribute(1, isNested: true) { key in
        key.attribute(1) { value in
          for (field, type) in zip(element.key.fields, types) {
            let count = type == .ipv4Address ? 4 : 16
            for place in (0..<count).reversed() {
              value.bytes.append(UInt8(truncatingIfNeeded: field.lower >> UInt128(place * 8)))
            }
          }
        }
      }
      guard let chain = element.chain else { return }
      attribute(2, isNested: true) { data in
        data.attribute(2, isNested: true) { verdict in
          // A jump.
          verdict.attribute(1) { $0.append(bigEndian: UInt32(bitPattern: -3)) }
          verdict.attribute(2) { $0.append(text: chain) }
        }
      }
    }

    // MARK: Netlink

    private mutating func message(
      _ type: UInt16, flags: UInt16, family: UInt8, resource: UInt16,
      _ body: (inout ElementTransaction) -> Void
    ) {
      let start = bytes.count
      bytes += [UInt8](repeating: 0, count: 16)
      bytes += [family, 0, UInt8(resource >> 8), UInt8(resource & 0xff)]
      body(&self)
      put(UInt32(bytes.count - start), at: start)
      put(type, at: start + 4)
      // A request.
      put(flags | 1, at: start + 6)
    }

    private mutating func attribute(
      _ type: UInt16, isNested: Bool = false, _ body: (inout ElementTransaction) -> Void
    ) {
      let start = bytes.count
      bytes += [0, 0, 0, 0]
      body(&self)
      put(UInt16(truncatingIfNeeded: bytes.count - start), at: start)
      put(type | (isNested ? 0x8000 : 0), at: start + 2)
      while bytes.count % 4 != 0 { bytes.append(0) }
    }

    private mutating func append(text: String) { bytes += Array(text.utf8) + [0] }

    private mutating func append(bigEndian value: UInt32) {
      withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
    }

    /// Puts a number in the machine's order.
    private mutating func put<Number: FixedWidthInteger>(_ value: Number, at place: Int) {
      withUnsafeBytes(of: value) { bytes.replaceSubrange(place..<place + $0.count, with: $0) }
    }
  }
#endif
