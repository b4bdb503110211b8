#if os(Linux)
  import Addresses
  import ArgumentParser
  import PacketLab
  import PolicyModel
  import Proving
  import Ruleset
  import RulesetText
  import Verification

  /// Sends the packets of counterexamples through the kernel: namespaces for the two ends, the ruleset on the node
  /// between them. It is how netpolc's own model of nftables is held against the kernel's.
  struct Replay {
    private let proof: Proof

    init(_ proof: Proof) { self.proof = proof }

    /// Says of each counterexample what the kernel did with its packet.
    func run() throws {
      guard case .counterexample(let found) = proof.result else {
        StandardError.write("netpolc: nothing to replay: there is no counterexample\n")
        return
      }
      for counterexample in found {
        do {
          StandardError.write("netpolc: replay: \(counterexample.packet): \(try send(counterexample))\n")
        } catch {
          StandardError.write("netpolc: error: replay of \(counterexample.packet) failed: \(error)\n")
          throw ExitCode(Status.trouble)
        }
      }
    }

    private func send(_ counterexample: Counterexample) throws -> String {
      let packet = counterexample.packet
      if let obstacle = ReplayObstacle(counterexample, proof.modes) { return "not sent: \(obstacle.words)" }
      let ends = [counterexample.sourcePod, counterexample.destinationPod].compactMap { $0 }
      // Of what a node sends or receives, one end is the node's.
      let node: [IPAddress] =
        switch packet.path {
        case .forwarded: PacketLab.defaultNodeAddresses
        case .toNode: [packet.destination]
        case .fromNode: [packet.source]
        }
      let pods = Set(ends).sorted().map {
        PacketLab.Pod(proof.cluster.pods[$0].displayName, proof.cluster.pods[$0].addresses)
      }
      let lab = try PacketLab(
        pods: pods.map { pod in .init(pod.name, pod.addresses.filter { !node.contains($0) }) },
        nodeAddresses: node, executable: "/proc/self/exe")
      try lab.load(NFTPrinter.replacing(proof.table))
      let arrived = try lab.reaches(try probe(packet, lab))
      let agrees = arrived == (counterexample.actual == .accept)
      return "the kernel \(arrived ? "let it through" : "dropped it"), "
        + (agrees
          ? "as predicted"
          : "which differs from the prediction: a bug in netpolc's nftables model, please report it")
    }

    /// The packet as the lab sends it: to a Service where its destination is to be translated, and with a hop limit of
    /// which the node takes one off where it forwards.
    private func probe(_ packet: Packet, _ lab: PacketLab) throws -> Probe {
      var probe = Probe(
        from: packet.source, to: packet.destination, payload(packet, packet.destinationPort))
      if packet.family == .ipv6 {
        probe.hopLimit = packet.path == .forwarded ? packet.hopLimit + 1 : packet.hopLimit
      }
      if packet.isTranslated, packet.path == .forwarded {
        var services = ServiceTranslation()
        probe.destination = services.address(
          for: packet.destination, transport: packet.transport, port: packet.destinationPort)
        probe.payload = payload(packet, ServiceTranslation.port)
        try lab.load(services.script)
      }
      return probe
    }

    private func payload(_ packet: Packet, _ port: UInt16) -> Probe.Payload {
      let type = UInt8(packet.firstBytes >> 8)
      return switch packet.transport {
      case 6: .tcp(port: port)
      case 17: .udp(port: port)
      case 132: .sctp(port: port)
      case 58 where type != 128: .message(type: type)
      case 1, 58: .echo
      default: .other(packet.transport)
      }
    }
  }

  extension ReplayObstacle {
    /// The obstacle as a clause.
    fileprivate var words: String {
      switch self {
      case .notFirstPacket: "only packets that open a connection can be replayed"
      case .audit: "in audit mode it passes, counted or not"
      case .unsupportedMessage: "netpolc cannot make this kind of packet"
      case .noPod: "neither end is a pod"
      case .arrival: "it comes by an interface that is not made for it"
      case .notRouted:
        "only a bridge brings a packet of this hop limit, or from this source, to the forward hook"
      }
    }
  }
#endif
