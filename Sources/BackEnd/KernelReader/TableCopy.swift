#if os(Linux)
  public import KernelProgram
  import LinuxNet
  public import NFTables
  import Ruleset

  /// A table as the kernel's own messages about it, from which another network namespace gets the same table: as
  /// instructions, without a text in between.
  public struct TableCopy: Sendable {
    /// One message: its type without the subsystem, and its body.
    typealias Message = (kind: UInt8, body: [UInt8])

    let messages: [Message]
    /// The table that was read, and that the copy has to be.
    public let program: KernelTable

    /// The largest transaction in bytes: a user namespace cannot have a larger buffer than most kernels give.
    private static let portion = 96 << 10

    /// The attributes of an object, by its message's type, that are its own; handles, counts of uses and places are not.
    private static let kept: [UInt8: Set<UInt16>] = [
      // Table, chain, rule, set, elements, named object.
      0: [1, 2, 6], 3: [1, 3, 4, 5, 7, 10, 12], 6: [1, 2, 4, 5, 7],
      9: [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 17, 18], 12: [1, 2, 3], 18: [1, 2, 3, 4, 8],
    ]

    init(_ messages: [Message], _ program: KernelTable) {
      (self.messages, self.program) = (messages, program)
    }

    /// The copy in messages that `encoded` wrote; nil where there is none.
    init?(_ bytes: [UInt8]) {
      let messages = MessageList.decoded(bytes)
      guard let table = MessageList.tables(messages).first else { return nil }
      self.init(messages.map { ($0.kind, $0.body.array) }, table)
    }

    var encoded: [UInt8] {
      var list = MessageList()
      for (kind, body) in messages { list.add(kind, NetlinkBytes(body)) }
      return list.bytes
    }

    // MARK: Transactions

    /// Makes the table in the network namespace of a conversation, in several transactions, and looks whether it is the
    /// same then.
    func install(_ conversation: inout NetlinkConversation) throws(SystemFailure) {
      guard let table = NFTablesTable(family: program.family.rawValue, name: program.name) else {
        throw SystemFailure("copy a table of this name", code: 22)
      }
      do throws(UnknownPart) {
        var batch = NetlinkBatch(family: program.family.number)
        for unit in try units() {
          if batch.count > Self.portion { try Self.commit(&batch, &conversation) }
          for (kind, attributes) in unit {
            // Rules come behind each other.
            batch.add(kind, kind == 6 ? [.creates, .appends] : .creates) { $0.append(attributes) }
          }
        }
        try Self.commit(&batch, &conversation)
      } catch { throw SystemFailure("copy \(error.text)", code: 95) }
      let (copied, _) = try KernelReader.dump(table, &conversation)
      guard copied == program else {
        throw SystemFailure("copy the table that is there: the copy is another", code: 71)
      }
    }

    private static func commit(_ batch: inout NetlinkBatch, _ conversation: inout NetlinkConversation)
      throws(UnknownPart)
    {
      if batch.isEmpty { return }
      do throws(SystemFailure) { try conversation.commit(batch) } catch {
        throw UnknownPart("the table that is there: \(error)")
      }
      batch = NetlinkBatch(family: batch.family)
    }

    /// Messages that have to be in one transaction, in the order in which the kernel takes them. An anonymous set comes with
    /// the rule that uses it.
    private func units() throws(UnknownPart) -> [[Message]] {
      var units: [[Message]] = []
      var parts: [[UInt8]: [Message]] = [:]
      var number: UInt32 = 0
      for kind: UInt8 in [0, 18, 3, 9, 12] {
        for message in messages where message.kind == kind {
          var made = (kind: kind, body: try Self.own(message))
          let set = kind == 9 || kind == 12 ? try Self.attribute(2, of: message)?.array : nil
          if kind == 9 {
            // The set's number within its transaction, which the kernel demands.
            number &+= 1
            var writer = NetlinkWriter()
            writer.attribute(10) { $0.append(bigEndian: number) }
            made.body += writer.bytes
            // The flag of sets without a name.
            if let set, try Self.attribute(3, of: message)?.array.last.map({ $0 & 1 == 1 }) == true {
              parts[set] = []
            }
          }
          if let set, parts[set] != nil { parts[set]?.append(made) } else { units.append([made]) }
        }
      }
      for message in messages where message.kind == 6 {
        let sets = try Self.lookups(message).flatMap { parts.removeValue(forKey: $0) ?? [] }
        units.append(sets + [(6, try Self.own(message))])
      }
      if !parts.isEmpty { throw UnknownPart("a set without a name that no look-up uses") }
      if messages.contains(where: { Self.kept[$0.kind] == nil }) { throw UnknownPart("a flowtable") }
      return units
    }

    /// The attributes that are the object's own.
    private static func own(_ message: Message) throws(UnknownPart) -> [UInt8] {
      var result = NetlinkWriter()
      let body = NetlinkBytes(message.body)
      var place = 4
      while let attribute = try body.nextAttribute(at: &place) {
        guard kept[message.kind]?.contains(attribute.kind & ~NetlinkAttribute.nested) == true else {
          continue
        }
        result.attribute(attribute.kind, attribute.content.array)
      }
      return result.bytes
    }

    private static func attribute(_ kind: UInt16, of message: Message) throws(UnknownPart) -> NetlinkBytes? {
      try attribute(kind, in: NetlinkBytes(message.body, 4..<message.body.count))
    }

    private static func attribute(_ kind: UInt16, in bytes: NetlinkBytes) throws(UnknownPart) -> NetlinkBytes?
    {
      var place = bytes.range.lowerBound
      while let found = try bytes.nextAttribute(at: &place) {
        if found.kind & ~NetlinkAttribute.nested == kind { return found.content }
      }
      return nil
    }

    /// The names of sets that a rule looks something up in.
    private static func lookups(_ rule: Message) throws(UnknownPart) -> [[UInt8]] {
      guard let expressions = try attribute(4, of: rule) else { return [] }
      var result: [[UInt8]] = []
      var place = expressions.range.lowerBound
      while let expression = try expressions.nextAttribute(at: &place) {
        guard let name = try attribute(1, in: expression.content), name.array == Array("lookup".utf8) + [0],
          let data = try attribute(2, in: expression.content), let set = try attribute(1, in: data)
        else { continue }
        result.append(set.array)
      }
      return result
    }
  }

  extension KernelReader {
    /// A copy of the table in the calling thread's network namespace, of one state; nil where there is none.
    ///
    /// - Throws: why it cannot be read.
    public static func copy(_ table: NFTablesTable) throws(Failure) -> TableCopy? {
      var messages: [TableCopy.Message]? = []
      let reading = try read(table, recording: &messages)
      return reading.table.map { TableCopy(messages ?? [], $0) }
    }
  }
#endif
