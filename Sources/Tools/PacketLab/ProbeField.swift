#if os(Linux)
  import Addresses
  import CLinux
  import Glibc
  import LinuxNet
  import NFTables
  import Synchronization

  /// The sockets through which probes go out and are seen to arrive, one set a namespace. Sockets stay in the
  /// namespace where they were made, so any thread can use them.
  final class ProbeField: Sendable {
    /// The sockets that a namespace sends and receives with.
    private final class Station: Sendable {
      let ipv4: Descriptor
      let ipv6: Descriptor
      /// Sees everything that comes in, before the filters of the namespace, which has none. Closed in the
      /// node, whose input filter counts: there raw sockets see what was delivered.
      let arrivals: Descriptor

      /// A station of the calling thread's namespace.
      init(watching: Bool) throws(SystemFailure) {
        ipv4 = try rawSocket(.ipv4, IPPROTO_RAW)
        ipv6 = try rawSocket(.ipv6, IPPROTO_RAW)
        let watcher = watching ? try checked(clinux_packet_socket(64 << 20), "watch a namespace") : -1
        arrivals = Descriptor(owning: watcher)
      }
    }

    private let stations: [PacketLab.Place: Station]
    private let node: NetworkNamespace
    private let clock: LoopbackClock
    private let nextMark: Mutex<UInt32>

    init(_ namespaces: [PacketLab.Place: NetworkNamespace]) throws {
      guard let node = namespaces[.node], let outside = namespaces[.outside] else {
        throw LabFailure("a lab has a node and an outside")
      }
      self.node = node
      clock = try outside.run { () throws(SystemFailure) in try LoopbackClock() }
      var stations: [PacketLab.Place: Station] = [:]
      for (place, namespace) in namespaces {
        stations[place] = try namespace.run { () throws(SystemFailure) in
          try Station(watching: place != .node)
        }
      }
      self.stations = stations
      nextMark = Mutex(UInt32.random(in: 1...0x3fff_ffff))
    }

    /// Sends every probe and returns those that arrived anywhere.
    func run(_ probes: [Probe], from places: [PacketLab.Place], forgetting: Bool) throws -> [Bool] {
      let count = UInt32(probes.count)
      let first = nextMark.withLock { mark in
        defer { mark &+= count }
        return mark
      }
      return try onOwnThread {
        // Packets wait in a queue of the CPU they were sent on; on one CPU the order is the order of sending.
        _ = try checked(clinux_pin_to_current_cpu(), "stay on one CPU")
        var batch = Batch(
          probes: probes, places: places, firstMark: first,
          arrived: Array(repeating: false, count: probes.count))
        let watchers = try NodeWatchers(node: node, kinds: batch.kinds)
        try drain(watchers) { _ in }
        for round in batch.rounds() {
          if forgetting { try node.run { () throws(SystemFailure) in try flushConnections() } }
          for start in stride(from: 0, to: round.count, by: 64) {
            for index in round[start..<min(start + 64, round.count)] { try send(batch, index) }
            try clock.settle()
            try drain(watchers) { batch.note($0) }
          }
        }
        return batch.arrived
      }
    }

    private func send(_ batch: borrowing Batch, _ index: Int) throws {
      let probe = batch.probes[index]
      guard let station = stations[batch.places[index]] else { throw LabFailure("nobody to send \(probe)") }
      let packet = Wire.packet(
        probe, mark: batch.firstMark &+ UInt32(index), sourcePort: batch.sourcePort(of: index))
      let descriptor = probe.source.family == .ipv4 ? station.ipv4.number : station.ipv6.number
      let sent = withSocketAddress(probe.destination, port: 0) { address, length in
        packet.withUnsafeBytes { sendto(descriptor, $0.baseAddress, $0.count, 0, address, length) }
      }
      // The sender's own output filter answers so when it drops.
      if sent < 0 && errno != EPERM { throw SystemFailure("send \(probe)") }
    }

    private func drain(_ watchers: borrowing NodeWatchers, _ note: (UInt32) -> Void) throws {
      try withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 8) { buffer in
        for (place, station) in stations where place != .node {
          guard let base = buffer.baseAddress else { continue }
          let descriptor = station.arrivals.number
          while true {
            let length = clinux_next_packet(descriptor, base, buffer.count)
            if length < 0 { break }
            let bytes = UnsafeRawBufferPointer(start: base, count: length)
            if let mark = Wire.mark(ofPacket: bytes) { note(mark) }
          }
          if clinux_packets_lost(descriptor) > 0 { throw LabFailure("packets were lost at \(place)") }
        }
        try watchers.drain(buffer, note)
      }
    }
  }

  /// One run's probes and what became of them.
  struct Batch {
    let probes: [Probe]
    let places: [PacketLab.Place]
    let firstMark: UInt32
    var arrived: [Bool]

    mutating func note(_ mark: UInt32) {
      let index = Int(mark &- firstMark)
      if index < arrived.count { arrived[index] = true }
    }

    func sourcePort(of index: Int) -> UInt16 {
      probes[index].sourcePort ?? UInt16(10_000 + (Int(firstMark) + index) % 50_000)
    }

    /// The families and protocols in use.
    var kinds: Set<NodeWatchers.Kind> {
      Set(probes.map { NodeWatchers.Kind(family: $0.source.family, protocolNumber: $0.protocolNumber) })
    }

    /// Connection tracking would take a probe for an answer to another, or for its continuation: those go into
    /// rounds of their own.
    func rounds() -> [[Int]] {
      struct Tuple: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var protocolNumber: UInt8
        var ports: [UInt16]
      }
      var rounds: [[Int]] = []
      var rest = Array(probes.indices)
      while !rest.isEmpty {
        var seen: Set<Tuple> = []
        var round: [Int] = []
        var later: [Int] = []
        for index in rest {
          let probe = probes[index]
          var ports = [sourcePort(of: index), probe.destinationPort]
          switch probe.payload {
          case .other, .message: ports = []
          case .echo: ports = [ports[0]]
          case .tcp, .segment, .udp, .sctp: break
          }
          let tuple = Tuple(
            source: probe.source, destination: probe.destination, protocolNumber: probe.protocolNumber,
            ports: ports)
          let reversed = Tuple(
            source: probe.destination, destination: probe.source, protocolNumber: probe.protocolNumber,
            ports: ports.reversed())
          if seen.contains(tuple) || seen.contains(reversed) {
            later.append(index)
          } else {
            seen.insert(tuple)
            round.append(index)
          }
        }
        rounds.append(round)
        rest = later
      }
      return rounds
    }
  }

  extension PacketLab {
    /// Sends every probe, and returns for each whether it reached its destination.
    ///
    /// Nothing is waited for by time: when the call returns, every packet has been delivered or dropped. Probes
    /// that connection tracking would confuse with one another are kept apart. Thousands a second are fine.
    ///
    /// - Parameters:
    ///   - probes: what to send. Source and destination are of one family.
    ///   - forgetting: whether the node forgets its connections first, so that each probe is a new one.
    /// - Returns: whether each one arrived, in the order given.
    /// - Throws: `SystemFailure` or `LabFailure` when a packet could not be sent, or was lost to a full queue.
    public func probe(_ probes: [Probe], forgetting: Bool = true) throws -> [Bool] {
      if let wrong = probes.first(where: { $0.source.family != $0.destination.family }) {
        throw LabFailure("\(wrong) is of two families")
      }
      return try field.run(
        probes, from: probes.map { $0.sender ?? place(of: $0.source) }, forgetting: forgetting)
    }

    /// Sends one probe, and returns whether it reached its destination.
    ///
    /// - Throws: the error of the system call that failed.
    public func reaches(_ probe: Probe, forgetting: Bool = true) throws -> Bool {
      try self.probe([probe], forgetting: forgetting) == [true]
    }
  }
#endif
