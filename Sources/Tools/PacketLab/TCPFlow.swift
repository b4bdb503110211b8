#if os(Linux)
  public import Addresses
  import Glibc
  import LinuxNet
  import NFTables

  /// A TCP connection that both ends keep open.
  ///
  /// For one caller at a time.
  public final class TCPFlow {
    private let client: Descriptor
    private let server: Descriptor
    private var turn: UInt64 = 0

    /// The client's port.
    public let sourcePort: UInt16

    init(client: consuming Descriptor, server: consuming Descriptor, sourcePort: UInt16) {
      self.client = client
      self.server = server
      self.sourcePort = sourcePort
    }

    /// Sends a word to the server and one back; true where both arrived.
    ///
    /// What is dropped now is sent again later by TCP itself, so a flow that was blocked and is let through
    /// again goes on; it takes up to a few retransmissions.
    ///
    /// - Parameter limit: how long to wait for each way.
    /// - Returns: whether both arrived.
    public func exchange(within limit: Duration = .milliseconds(400)) -> Bool {
      turn += 1
      return pass(from: client.number, to: server.number, limit)
        && pass(from: server.number, to: client.number, limit)
    }

    private func pass(from near: Int32, to far: Int32, _ limit: Duration) -> Bool {
      var word = turn
      guard send(near, &word, 8, Int32(MSG_NOSIGNAL)) == 8 else { return false }
      let deadline = ContinuousClock.now + limit
      // Words of blocked turns arrive first.
      while ContinuousClock.now < deadline {
        guard waitToRead(far, ContinuousClock.now.duration(to: deadline)) else { return false }
        var received: UInt64 = 0
        guard recv(far, &received, 8, Int32(MSG_WAITALL)) == 8 else { return false }
        if received == turn { return true }
      }
      return false
    }
  }

  /// Two ends that send datagrams to each other.
  ///
  /// For one caller at a time.
  public final class UDPFlow {
    /// The progress of an exchange of packets.
    public enum Outcome: Sendable, Hashable {
      /// The datagram did not arrive.
      case lost
      /// The datagram arrived; the answer did not.
      case unanswered
      /// The packet and its answer arrived.
      case answered
    }

    private let client: Descriptor
    private let server: Descriptor
    private let destination: (address: IPAddress, port: UInt16)
    private let source: (address: IPAddress, port: UInt16)
    private var turn: UInt64 = 0

    /// The client's port.
    public var sourcePort: UInt16 { source.port }

    init(
      client: consuming Descriptor, server: consuming Descriptor, source: (address: IPAddress, port: UInt16),
      destination: (address: IPAddress, port: UInt16)
    ) {
      self.client = client
      self.server = server
      self.source = source
      self.destination = destination
    }

    /// Sends a datagram to the server, and one back if it arrived.
    ///
    /// - Parameter limit: how long to wait for each way.
    /// - Returns: how far it came.
    public func exchange(within limit: Duration = .milliseconds(300)) -> Outcome {
      turn += 1
      guard pass(from: client.number, to: server.number, at: destination, limit) else { return .lost }
      return answer(within: limit) ? .answered : .unanswered
    }

    /// Sends a datagram from the server to the client, whether or not the client has spoken.
    ///
    /// - Parameter limit: how long to wait.
    /// - Returns: whether it arrived.
    public func answer(within limit: Duration = .milliseconds(300)) -> Bool {
      turn += 1
      return pass(from: server.number, to: client.number, at: source, limit)
    }

    private func pass(
      from near: Int32, to far: Int32, at end: (address: IPAddress, port: UInt16), _ limit: Duration
    ) -> Bool {
      var word = turn
      let sent = withSocketAddress(end.address, port: end.port) { sendto(near, &word, 8, 0, $0, $1) }
      guard sent == 8 else { return false }
      let deadline = ContinuousClock.now + limit
      while ContinuousClock.now < deadline {
        guard waitToRead(far, ContinuousClock.now.duration(to: deadline)) else { return false }
        var received: UInt64 = 0
        // An earlier datagram's ICMP error is reported here once, and means nothing for this one.
        if recv(far, &received, 8, Int32(MSG_DONTWAIT)) == 8 && received == turn { return true }
      }
      return false
    }
  }

  extension PacketLab {
    /// Opens a TCP connection between real sockets.
    ///
    /// - Parameters:
    ///   - source: the client's address.
    ///   - destination: the server's address, of the same family.
    ///   - port: the server's port, which must be free.
    ///   - limit: how long to wait for the connection; a first SYN that is lost is sent again after a second.
    /// - Returns: the connection, or nil when it did not come about in time.
    /// - Throws: `SystemFailure` when the sockets cannot be made.
    public func connect(
      from source: IPAddress, to destination: IPAddress, port: UInt16,
      within limit: Duration = .milliseconds(400)
    ) throws -> TCPFlow? {
      let listener = try socket(at: destination, port: port, SOCK_STREAM)
      guard listen(listener.number, 8) == 0 else { throw SystemFailure("listen on \(port)") }
      // A process that another thread starts at this moment holds a copy until it runs its program: closing alone would leave the
      // port taken for that long.
      defer { shutdown(listener.number, Int32(SHUT_RDWR)) }
      let client = try socket(at: source, port: 0, SOCK_STREAM)
      try wait(client, false)
      let started = withSocketAddress(destination, port: port) { Glibc.connect(client.number, $0, $1) }
      if started != 0 {
        // EPERM: the sender's own filter drops it.
        if errno == EPERM || errno == ECONNREFUSED { return nil }
        guard errno == EINPROGRESS else { throw SystemFailure("connect to \(destination)") }
        guard waitToRead(client.number, limit, for: Int32(POLLOUT)) else { return nil }
      }
      guard waitToRead(listener.number, limit) else { return nil }
      let accepted = accept(listener.number, nil, nil)
      guard accepted >= 0 else { throw SystemFailure("accept") }
      let server = Descriptor(owning: accepted)
      try wait(client, true)
      let port = try self.port(of: client)
      return TCPFlow(client: client, server: server, sourcePort: port)
    }

    /// Makes two ends for datagrams; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - source: the client's address.
    ///   - destination: the server's address, of the same family.
    ///   - port: the server's port.
    /// - Returns: the two ends.
    /// - Throws: `SystemFailure` when the sockets cannot be made.
    public func datagrams(from source: IPAddress, to destination: IPAddress, port: UInt16) throws -> UDPFlow {
      let server = try socket(at: destination, port: port, SOCK_DGRAM)
      let client = try socket(at: source, port: 0, SOCK_DGRAM)
      let sourcePort = try self.port(of: client)
      return UDPFlow(
        client: client, server: server, source: (source, sourcePort), destination: (destination, port))
    }

    /// Sends a datagram to a port that nobody listens on, and waits for the error that the destination answers with.
    ///
    /// - Parameters:
    ///   - source: the sender's address.
    ///   - destination: the destination's address, of the same family, on an interface of its own.
    ///   - port: the port, which must be free.
    ///   - limit: how long to wait.
    /// - Returns: true where the ICMP error came back.
    /// - Throws: `SystemFailure` when the socket cannot be made.
    public func isRefused(
      from source: IPAddress, to destination: IPAddress, port: UInt16,
      within limit: Duration = .milliseconds(400)
    ) throws -> Bool {
      let client = try socket(at: source, port: 0, SOCK_DGRAM)
      guard withSocketAddress(destination, port: port, { Glibc.connect(client.number, $0, $1) }) == 0 else {
        throw SystemFailure("connect to \(destination)")
      }
      var word: UInt64 = 0
      guard Glibc.send(client.number, &word, 8, Int32(MSG_NOSIGNAL)) == 8, waitToRead(client.number, limit)
      else {
        return false
      }
      return Glibc.recv(client.number, &word, 8, Int32(MSG_DONTWAIT)) < 0 && errno == ECONNREFUSED
    }

    /// A socket bound to an address in the namespace that owns it, which need not have it on an interface.
    private func socket(at address: IPAddress, port: UInt16, _ type: __socket_type) throws -> Descriptor {
      try namespace(of: place(of: address)).run { () throws(SystemFailure) in
        let isIPv4 = address.family == .ipv4
        let number = Glibc.socket(
          isIPv4 ? AF_INET : AF_INET6, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { throw SystemFailure("make a socket") }
        let made = Descriptor(owning: number)
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(made.number, SOL_SOCKET, SO_REUSEADDR, &on, size)
        let transparent = isIPv4 ? (IPPROTO_IP, IP_TRANSPARENT) : (IPPROTO_IPV6, Int32(75))
        let allowed = setsockopt(made.number, Int32(transparent.0), transparent.1, &on, size)
        let bound = withSocketAddress(address, port: port) { bind(made.number, $0, $1) }
        guard allowed == 0, bound == 0 else { throw SystemFailure("bind to \(address) port \(port)") }
        return made
      }
    }

    private func wait(_ socket: borrowing Descriptor, _ blocking: Bool) throws(SystemFailure) {
      let flags = fcntl(socket.number, F_GETFL)
      let wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK
      guard flags >= 0, fcntl(socket.number, F_SETFL, wanted) == 0 else {
        throw SystemFailure("set a socket's mode")
      }
    }

    private func port(of socket: borrowing Descriptor) throws(SystemFailure) -> UInt16 {
      var storage = sockaddr_in6()
      var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      let result = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.number, $0, &length) }
      }
      if result != 0 { throw SystemFailure("look at a socket's port") }
      // The port stands at the same place in both families' addresses.
      return UInt16(bigEndian: storage.sin6_port)
    }
  }
#endif
