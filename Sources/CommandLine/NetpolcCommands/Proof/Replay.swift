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
      let lab = try PacketLab(
        pods: Set(ends).sorted().map {
          .init(proof.cluster.pods[$0].displayName, proof.cluster.pods[$0].addresses)
        },
        executable: "/proc/self/exe")
      try lab.load(NFTPrinter.replacing(proof.table))
      let arrived = try lab.reaches(Probe(from: packet.source, to: packet.destination, payload(packet)))
      let agrees = arrived == (counterexample.actual == .accept)
      return "the kernel \(arrived ? "let it through" : "dropped it"), "
        + (agrees
          ? "as predicted"
          : "which differs from the prediction: a bug in netpolc's nftables model, please report it")
    }

    private func payload(_ packet: Packet) -> Probe.Payload {
      switch packet.transport {
      case 6: .tcp(port: packet.destinationPort)
      case 17: .udp(port: packet.destinationPort)
      case 132: .sctp(port: packet.destinationPort)
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
      }
    }
  }
#endif
