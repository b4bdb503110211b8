#if os(Linux)
  import Addresses
  import KernelReader
  import Ruleset

  /// A transaction that changes nothing but elements of sets of addresses and of maps from addresses to chains, and the marker, as
  /// the kernel takes it: libnftables would read sets again to delete an element, and fill small ones anew.
  struct ElementTransaction {
    private var batch: NetlinkBatch
    /// The messages, from the batch's beginning to its end.
    var bytes: [UInt8] { batch.encoded() }

    /// More elements than these are libnftables' work.
    private static let most = 2_000
    /// A list of elements has a length of 16 bits.
    private static let mostOfMessage = 400

    /// The transaction of a difference; nil where it changes anything else.
    ///
    /// - Parameters:
    ///   - delta: the difference, without the markers.
    ///   - marker: the marker that is to be, and the one in whose place it comes; nil: the marker stays.
    ///   - generation: the namespace's count of transactions: where another one comes first, the kernel refuses.
    init?(
      _ delta: TableDelta, marker: (next: RevisionMarker, former: RevisionMarker)? = nil, generation: UInt32
    ) {
      guard !delta.needsReplacement, delta.addedSets.isEmpty, delta.removedSets.isEmpty,
        delta.addedMaps.isEmpty, delta.removedMaps.isEmpty, delta.addedChains.isEmpty,
        delta.removedChains.isEmpty, delta.changedChains.isEmpty, delta.family == .inet
      else { return nil }
      let count =
        delta.changedSets.reduce(0) { $0 + $1.added.count + $1.removed.count }
        + delta.changedMaps.reduce(0) { $0 + $1.added.count + $1.removed.count }
      guard (marker == nil ? 1 : 0)...Self.most ~= count,
        delta.changedSets.allSatisfy({ Self.isPlain($0.set.key, $0.set.flags) }),
        delta.changedMaps.allSatisfy({ Self.isPlain($0.map.key, $0.map.flags) })
      else { return nil }
      // 1: the family inet.
      batch = NetlinkBatch(family: 1, generation: generation)
      if let marker {
        chain(3, delta.name, marker.next.chain)
        chain(5, delta.name, marker.former.chain)
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
    }

    private static func isPlain(_ key: [DataType], _ flags: SetFlags) -> Bool {
      flags.isEmpty && key.allSatisfy { $0 == .ipv4Address || $0 == .ipv6Address }
    }

    /// A message (3: to add, 5: to delete) about a chain without rules and hook.
    private mutating func chain(_ kind: UInt8, _ table: String, _ name: String) {
      batch.add(kind, kind == 3 ? [.acknowledged, .creates] : .acknowledged) { message in
        message.attribute(1) { $0.append(text: table) }
        message.attribute(3) { $0.append(text: name) }
      }
    }

    /// Messages (12: to add, 14: to delete) about elements of a set or map.
    private mutating func elements(
      _ kind: UInt8, _ table: String, _ set: String, _ types: [DataType],
      _ elements: [(key: ElementKey, chain: String?)]
    ) {
      var rest = elements[...]
      while !rest.isEmpty {
        let part = rest.prefix(Self.mostOfMessage)
        rest = rest.dropFirst(part.count)
        batch.add(kind, kind == 12 ? [.acknowledged, .creates] : .acknowledged) { message in
          message.attribute(1) { $0.append(text: table) }
          message.attribute(2) { $0.append(text: set) }
          message.attribute(3 | NetlinkWriter.nested) { list in
            for element in part {
              list.attribute(1 | NetlinkWriter.nested) { Self.write(element, types, to: &$0) }
            }
          }
        }
      }
    }

    private static func write(
      _ element: (key: ElementKey, chain: String?), _ types: [DataType], to writer: inout NetlinkWriter
    ) {
      writer.attribute(1 | NetlinkWriter.nested) { key in
        key.attribute(1) { value in
          for (field, type) in zip(element.key.fields, types) {
            let count = type == .ipv4Address ? 4 : 16
            for place in (0..<count).reversed() {
              value.append(byte: UInt8(truncatingIfNeeded: field.lower >> UInt128(place * 8)))
            }
          }
        }
      }
      guard let chain = element.chain else { return }
      writer.attribute(2 | NetlinkWriter.nested) { data in
        data.attribute(2 | NetlinkWriter.nested) { verdict in
          // A jump.
          verdict.attribute(1) { $0.append(bigEndian: Int32(-3)) }
          verdict.attribute(2) { $0.append(text: chain) }
        }
      }
    }
  }
#endif
