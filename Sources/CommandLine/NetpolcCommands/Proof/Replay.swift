#if os(Linux)
  import Addresses
  import ArgumentParser
  import PacketLab
  import PolicyModel
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
      guard packet.state == .new else {
        return "not sent: only packets that open a connection can be replayed"
      }
      if proof.modes.isAudit, counterexample.requirement != .audit {
        return "not sent: in audit it passes, counted or not"
      }
      guard let payload = payload(packet) else { return "not sent: this kind of packet cannot be made here" }
      let ends = [counterexample.sourcePod, counterexample.destinationPod].compactMap { $0 }
      guard !ends.isEmpty else { return "not sent: neither end is a pod" }
      let lab = try PacketLab(
        pods: Set(ends).sorted().map {
          .init(proof.cluster.pods[$0].displayName, proof.cluster.pods[$0].addresses)
        },
        executable: "/proc/self/exe")
      try lab.load(NFTPrinter.replacing(proof.table))
      let arrived = try lab.reaches(Probe(from: packet.source, to: packet.destination, payload))
      let agrees = arrived == (counterexample.actual == .accept)
      return "the kernel \(arrived ? "let it through" : "dropped it"), "
        + (agrees
          ? "as predicted" : "which is NOT what was predicted: a defect of netpolc's model, please report it")
    }

    private func payload(_ packet: Packet) -> Probe.Payload? {
      switch packet.transport {
      case 6: .tcp(port: packet.destinationPort)
      case 17: .udp(port: packet.destinationPort)
      case 132: .sctp(port: packet.destinationPort)
      case 1: packet.firstBytes >> 8 == 8 ? .echo : nil
      case 58: packet.firstBytes >> 8 == 128 ? .echo : nil
      default: .other(packet.transport)
      }
    }
  }
#endif
