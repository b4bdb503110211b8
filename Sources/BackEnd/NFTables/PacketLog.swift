#if os(Linux)
  import Glibc
  public import LinuxNet

  /// Packets that rules with `log group N` give to this process, by the kernel's nfnetlink_log.
  public struct PacketLog: ~Copyable, Sendable {
    /// A packet and the words of the rule that logged it.
    public struct Entry: Sendable, Hashable {
      /// The rule's prefix.
      public let prefix: String
      /// The beginning of the packet.
      public let packet: LoggedPacket
    }

    private let socket: Descriptor
    private static let room: Int32 = 4 << 20

    /// Takes over a group of the calling thread's network namespace.
    ///
    /// - Throws: that another process has it, or that the kernel has no such log.
    public init(group: UInt16) throws(SystemFailure) {
      let made = try Self.open()
      let number = made.number
      // Bind; then the first 96 bytes of each packet, each in a message of its own.
      try Self.ask(number, group, attribute: 1, [1])
      try Self.ask(number, group, attribute: 2, [0, 0, 0, 96, 2, 0])
      try Self.ask(number, group, attribute: 5, [0, 0, 0, 1])
      _ = fcntl(number, F_SETFL, O_NONBLOCK)
      socket = made
    }

    private static func open() throws(SystemFailure) -> Descriptor {
      let number = Glibc.socket(
        AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), netfilter)
      if number < 0 { throw SystemFailure("open the kernel's packet log", code: errno) }
      var (room, limit) = (Self.room, timeval(tv_sec: 2, tv_usec: 0))
      setsockopt(number, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
      setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      return Descriptor(owning: number)
    }

    /// A descriptor that is readable when packets wait.
    public var descriptor: Int32 { socket.number }

    /// The packets that wait; those for which the kernel had no room are missing. Does not wait.
    public func entries() -> [Entry] {
      var entries: [Entry] = []
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while entries.count < 4096 {
        let got = buffer.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress, $0.count, 0) }
        if got < 0, errno == ENOBUFS || errno == EINTR { continue }
        if got <= 0 { break }
        for body in Self.messages(buffer[..<got], kind: Self.packetMessage) {
          var (prefix, packet) = ("", LoggedPacket([]))
          for (kind, content) in Self.attributes(body.dropFirst(4)) {
            if kind == 10 { prefix = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self) }
            if kind == 9 { packet = LoggedPacket(Array(content)) }
          }
          entries.append(Entry(prefix: prefix, packet: packet))
        }
      }
      return entries
    }

    // MARK: Netlink

    private static let netfilter: Int32 = 12
    private static let subsystem: UInt16 = 4 << 8
    private static let packetMessage = subsystem
    private static let errorMessage: UInt16 = 2

    private static func ask(
      _ number: Int32, _ group: UInt16, attribute: UInt16, _ value: [UInt8]
    ) throws(SystemFailure) {
      let length = UInt16(4 + value.count)
      var body: [UInt8] = [0, 0, UInt8(group >> 8), UInt8(group & 0xff)]
      body += bytes(length) + bytes(attribute) + value
      while body.count % 4 != 0 { body.append(0) }
      // A request that is answered: NLM_F_REQUEST, NLM_F_ACK.
      let message =
        bytes(UInt32(16 + body.count)) + bytes(subsystem | 1) + bytes(UInt16(5)) + bytes(UInt32(attribute))
        + bytes(UInt32(0)) + body
      let attempt = "take over the nflog group \(group)"
      guard message.withUnsafeBytes({ send(number, $0.baseAddress, $0.count, 0) }) == message.count else {
        throw SystemFailure(attempt, code: errno)
      }
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let got = buffer.withUnsafeMutableBytes { recv(number, $0.baseAddress, $0.count, 0) }
        if got < 0, errno == EINTR || errno == ENOBUFS { continue }
        guard got > 0 else { throw SystemFailure(attempt, code: got < 0 ? errno : EPROTO) }
        for body in messages(buffer[..<got], kind: errorMessage) {
          let code = Int32(truncatingIfNeeded: number32(body))
          if code != 0 { throw SystemFailure(attempt, code: -code) }
          return
        }
      }
    }

    /// The bodies of messages of a kind.
    private static func messages(_ bytes: ArraySlice<UInt8>, kind: UInt16) -> [ArraySlice<UInt8>] {
      var rest = bytes
      var found: [ArraySlice<UInt8>] = []
      while rest.count >= 16 {
        let length = Int(number32(rest))
        guard length >= 16, length <= rest.count else { break }
        if number16(rest.dropFirst(4)) == kind { found.append(rest.prefix(length).dropFirst(16)) }
        rest = rest.dropFirst((length + 3) & ~3)
      }
      return found
    }

    private static func attributes(_ bytes: ArraySlice<UInt8>) -> [(kind: UInt16, ArraySlice<UInt8>)] {
      var rest = bytes
      var found: [(kind: UInt16, ArraySlice<UInt8>)] = []
      while rest.count >= 4 {
        let length = Int(number16(rest))
        guard length >= 4, length <= rest.count else { break }
        found.append((number16(rest.dropFirst(2)) & 0x3fff, rest.prefix(length).dropFirst(4)))
        rest = rest.dropFirst((length + 3) & ~3)
      }
      return found
    }

    private static func number16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
      bytes.prefix(2).reversed().reduce(0) { $0 << 8 | UInt16($1) }
    }

    private static func number32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
      bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
  }
#endif
