#if os(Linux)
  import CLinux
  import Glibc
  import LinuxNet

  /// Questions to nf_tables in the network namespace of the thread that made the socket, and their answers.
  struct NetlinkConversation: ~Copyable {
    private let socket: Int32
    private var sequence: UInt32 = 0
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// Something was changed while the answer was given, so that it is of no one state.
    struct Interrupted: Error {}

    init() throws(SystemFailure) {
      socket = try checked(clinux_nftables_open(), "ask nf_tables")
    }

    deinit { close(socket) }

    /// Asks, and hands each message of the answer to `take`: its type without the subsystem and its body.
    ///
    /// - Returns: whether the answer is of one state.
    /// - Throws: the kernel's refusal, `ENOENT` among them.
    mutating func ask(
      _ kind: UInt8, family: UInt8, isDump: Bool, _ texts: [(kind: UInt16, text: String)] = [],
      _ take: (UInt8, NetlinkBytes) -> Void
    ) throws(SystemFailure) -> Bool {
      sequence &+= 1
      let request = Self.request(kind, family, isDump: isDump, texts, sequence)
      guard send(socket, request, request.count, 0) == request.count else {
        throw SystemFailure("ask nf_tables")
      }
      var isWhole = true
      while true {
        let length = receive()
        if length < 0 {
          if errno == EINTR { continue }
          throw SystemFailure("read an answer of nf_tables")
        }
        guard length <= buffer.count else {
          throw SystemFailure("read an answer of nf_tables", code: EMSGSIZE)
        }
        if try read(NetlinkBytes(buffer, 0..<length), isDump, &isWhole, take) { return isWhole }
      }
    }

    /// Makes a transaction of a batch.
    ///
    /// - Throws: the kernel's first refusal; nothing is changed then.
    mutating func commit(_ batch: NetlinkBatch) throws(SystemFailure) {
      sequence &+= 1
      let request = batch.encoded(sequence, last: .acknowledged)
      guard send(socket, request, request.count, 0) == request.count else {
        throw SystemFailure("give nf_tables a transaction")
      }
      // The kernel has answered by the time it returns.
      var isConfirmed = false
      while true {
        let length = receive(MSG_DONTWAIT)
        if length < 0 {
          if errno == EINTR { continue }
          if errno == EAGAIN, isConfirmed { return }
          throw SystemFailure("read nf_tables' answer to a transaction")
        }
        try take(NetlinkBytes(buffer, 0..<min(length, buffer.count)), &isConfirmed)
      }
    }

    /// Reads the answers to a transaction in one datagram.
    private func take(_ datagram: NetlinkBytes, _ isConfirmed: inout Bool) throws(SystemFailure) {
      var place = 0
      while place + 20 <= datagram.count {
        let length = Int(datagram.machine32(place))
        guard length >= 16, place + length <= datagram.count else { return }
        // NLMSG_ERROR, with 0 where nothing is wrong.
        if datagram.machine16(place + 4) == 2, datagram.machine32(place + 8) == sequence {
          let code = Int32(bitPattern: datagram.machine32(place + 16))
          if code != 0 { throw SystemFailure("give nf_tables a transaction", code: -code) }
          isConfirmed = true
        }
        place += (length + 3) & ~3
      }
    }

    private mutating func receive(_ flags: Int = 0) -> Int {
      buffer.withUnsafeMutableBytes {
        recv(socket, $0.baseAddress, $0.count, Int32(bitPattern: UInt32(MSG_TRUNC)) | Int32(flags))
      }
    }

    /// Reads one datagram; true where it ends the answer.
    private func read(
      _ datagram: NetlinkBytes, _ isDump: Bool, _ isWhole: inout Bool, _ take: (UInt8, NetlinkBytes) -> Void
    ) throws(SystemFailure) -> Bool {
      var place = 0
      while place + 16 <= datagram.count {
        let length = Int(datagram.machine32(place))
        let (type, flags) = (datagram.machine16(place + 4), datagram.machine16(place + 6))
        guard length >= 16, place + length <= datagram.count else {
          throw SystemFailure("read an answer of nf_tables", code: EBADMSG)
        }
        let body = NetlinkBytes(datagram.storage, (place + 16)..<(place + length))
        let isAnswer = datagram.machine32(place + 8) == sequence
        place += (length + 3) & ~3
        if !isAnswer { continue }
        if flags & 0x10 != 0 { isWhole = false }
        switch type {
        case 3: return true
        case 2:
          guard body.count >= 4 else { throw SystemFailure("read an answer of nf_tables", code: EBADMSG) }
          let code = Int32(bitPattern: body.machine32(body.range.lowerBound))
          if code == 0 { return true }
          throw SystemFailure("ask nf_tables", code: -code)
        default:
          // 10 is the subsystem of nf_tables.
          if type >> 8 == 10 { take(UInt8(type & 255), body) }
          if !isDump { return true }
        }
      }
      return false
    }

    private static func request(
      _ kind: UInt8, _ family: UInt8, isDump: Bool, _ texts: [(kind: UInt16, text: String)],
      _ sequence: UInt32
    ) -> [UInt8] {
      var writer = NetlinkWriter()
      // NLM_F_DUMP.
      writer.message(10 << 8 | UInt16(kind), flags: isDump ? 0x300 : 0, sequence: sequence) { message in
        message.append([family, 0, 0, 0])
        for (kind, text) in texts { message.attribute(kind) { $0.append(text: text) } }
      }
      return writer.bytes
    }
  }
#endif
