#if os(Linux)
  /// Messages to nf_tables that are one transaction.
  package struct NetlinkBatch {
    /// The flags of a message, besides that it is a request.
    package struct Flags: OptionSet, Sendable {
      /// The bits, as netlink has them.
      package let rawValue: UInt16

      /// Flags of their bits.
      package init(rawValue: UInt16) { self.rawValue = rawValue }

      /// The kernel answers it (`NLM_F_ACK`).
      package static let acknowledged = Flags(rawValue: 4)
      /// It makes something (`NLM_F_CREATE`).
      package static let creates = Flags(rawValue: 0x400)
      /// It comes behind what is there (`NLM_F_APPEND`).
      package static let appends = Flags(rawValue: 0x800)
    }

    /// The family of the messages, as the kernel numbers it.
    package let family: UInt8
    private var writer = NetlinkWriter()
    /// Where each message begins, the batch's beginning included.
    private var starts: [Int]

    /// A transaction of no messages.
    ///
    /// - Parameters:
    ///   - family: the family of its messages.
    ///   - generation: the namespace's count of transactions: where another one comes first, the kernel refuses. Nil: whatever
    ///     comes first.
    package init(family: UInt8, generation: UInt32? = nil) {
      self.family = family
      starts = [0]
      // The beginning of a batch for subsystem 10, nf_tables.
      writer.message(0x10, flags: 0) { message in
        message.append([0, 0, 0, 10])
        if let generation { message.attribute(1) { $0.append(bigEndian: generation) } }
      }
    }

    /// True where there are no messages.
    package var isEmpty: Bool { starts.count == 1 }
    /// The length in bytes so far.
    package var count: Int { writer.bytes.count }

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - kind: its type without the subsystem (`NFT_MSG_NEW…`).
    ///   - flags: its flags.
    ///   - body: writes its attributes.
    package mutating func add(_ kind: UInt8, _ flags: Flags, _ body: (inout NetlinkWriter) -> Void) {
      let family = family
      let start = writer.message(10 << 8 | UInt16(kind), flags: flags.rawValue) { message in
        message.append([family, 0, 0, 0])
        body(&message)
      }
      starts.append(start)
    }

    /// The transaction as the kernel takes it, with its end.
    ///
    /// - Parameters:
    ///   - sequence: the sequence number of each message.
    ///   - last: flags of the last message besides its own.
    /// - Returns: the bytes.
    package func encoded(_ sequence: UInt32 = 0, last: Flags = []) -> [UInt8] {
      var whole = writer
      if sequence != 0 { for start in starts { whole.put(sequence, at: start + 8) } }
      if !last.isEmpty, let start = starts.last { whole.add(flags: last.rawValue, toMessageAt: start) }
      whole.message(0x11, flags: 0, sequence: sequence) { $0.append([0, 0, 0, 10]) }
      return whole.bytes
    }
  }
#endif
