#if os(Linux)
  import Addresses
  import CLinux
  import Glibc
  import LinuxNet
  import NFTables

  /// A raw socket of the calling thread's namespace that takes and gives whole buffers without waiting.
  func rawSocket(_ family: IPFamily, _ protocolNumber: Int) throws(SystemFailure) -> Descriptor {
    let domain = family == .ipv4 ? AF_INET : AF_INET6
    let number = socket(domain, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Int32(protocolNumber))
    if number < 0 { throw SystemFailure("make a raw socket") }
    let made = Descriptor(owning: number)
    var size: Int32 = 16 << 20
    for option in [SO_SNDBUFFORCE, SO_RCVBUFFORCE] {
      setsockopt(made.number, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    return made
  }

  /// Calls `body` with a socket address of either family.
  func withSocketAddress<Result>(
    _ address: IPAddress, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    switch address.family {
    case .ipv4:
      var storage = sockaddr_in()
      storage.sin_family = sa_family_t(AF_INET)
      storage.sin_port = port.bigEndian
      storage.sin_addr.s_addr = UInt32(address.bits).bigEndian
      return withUnsafePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    case .ipv6:
      var storage = sockaddr_in6()
      storage.sin6_family = sa_family_t(AF_INET6)
      storage.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage.sin6_addr) {
        $0.storeBytes(of: address.bits.bigEndian, as: UInt128.self)
      }
      return withUnsafePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
  }

  /// Tells when every packet that this CPU has queued is through.
  ///
  /// A packet over a virtual interface waits in its CPU's queue, first come first served, at each hop anew. So a
  /// packet over loopback that was sent later and has arrived shows that one hop is done; a few in turn show
  /// that the longest way is (there and back over two links each).
  struct LoopbackClock: ~Copyable, Sendable {
    private let near: Descriptor
    private let far: Descriptor
    private let port: UInt16

    init() throws(SystemFailure) {
      let loopback = IPAddress(.ipv4, bits: 0x7f00_0001)
      let near = try datagramSocket(.ipv4)
      let far = try datagramSocket(.ipv4)
      var bound = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let descriptor = far.number
      let failed =
        withSocketAddress(loopback, port: 0) { bind(descriptor, $0, $1) } != 0
        || withUnsafeMutablePointer(to: &bound) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        } != 0
      if failed { throw SystemFailure("bind to loopback") }
      self.near = near
      self.far = far
      port = UInt16(bigEndian: bound.sin_port)
    }

    /// Returns when all that was sent before on this CPU has been delivered or dropped.
    func settle() throws(SystemFailure) {
      let loopback = IPAddress(.ipv4, bits: 0x7f00_0001)
      for _ in 0..<6 {
        var byte: UInt8 = 0
        let sent = withSocketAddress(loopback, port: port) { sendto(near.number, &byte, 1, 0, $0, $1) }
        if sent != 1 { throw SystemFailure("send over loopback") }
        guard waitToRead(far.number, .seconds(10)), recv(far.number, &byte, 1, 0) == 1 else {
          throw SystemFailure("wait for loopback", code: ETIMEDOUT)
        }
      }
    }
  }

  func datagramSocket(_ family: IPFamily) throws(SystemFailure) -> Descriptor {
    let number = socket(
      family == .ipv4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if number < 0 { throw SystemFailure("make a socket") }
    return Descriptor(owning: number)
  }

  /// Waits until there is something to read; false when `limit` passed before.
  func waitToRead(_ descriptor: Int32, _ limit: Duration, for events: Int32 = POLLIN) -> Bool {
    var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    let parts = limit.components
    let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
    return poll(&wanted, 1, Int32(clamping: milliseconds)) > 0
  }

  /// Sees what the node was sent and its input filter let through.
  struct NodeWatchers: ~Copyable {
    struct Kind: Hashable {
      var family: IPFamily
      var protocolNumber: UInt8
    }

    private final class Watcher {
      let kind: Kind
      let socket: Descriptor
      init(_ kind: Kind, _ socket: consuming Descriptor) {
        self.kind = kind
        self.socket = socket
      }
    }

    private let watchers: [Watcher]

    init(node: NetworkNamespace, kinds: Set<Kind>) throws {
      watchers = try node.run { () throws(SystemFailure) in
        try kinds.map { (kind) throws(SystemFailure) in
          Watcher(kind, try rawSocket(kind.family, Int(kind.protocolNumber)))
        }
      }
    }

    func drain(_ buffer: UnsafeMutableRawBufferPointer, _ note: (UInt32) -> Void) throws {
      for watcher in watchers {
        while true {
          let length = recv(watcher.socket.number, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
          if length < 0 { break }
          let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<length])
          // Raw sockets of IPv6 leave the header out.
          let mark =
            watcher.kind.family == .ipv4
            ? Wire.mark(ofPacket: bytes)
            : Wire.mark(ofBody: bytes, protocolNumber: watcher.kind.protocolNumber, echo: 128)
          if let mark { note(mark) }
        }
      }
    }
  }
#endif
