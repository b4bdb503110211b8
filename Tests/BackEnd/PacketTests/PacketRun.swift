import Addresses
import Lowering
import PacketLab
import PolicyModel
import RulesetText
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// A node with a compiled ruleset, and packets sent through it.
struct PacketRun {
  let lab: PacketLab
  /// The place of each local pod in the cluster, by its addresses.
  private let local: [IPAddress: Int]

  /// A lab with the pods of a node, or all of them, behind the ruleset that is compiled for it. The pods of other
  /// nodes are outside.
  init(_ cluster: Cluster, node: String? = nil, denseFrom: Int = 9, orderedCopies: Int = 1 << 16) throws {
    try self.init(
      cluster, LoweringOptions(node: node, denseFrom: denseFrom, orderedCopies: orderedCopies))
  }

  /// The same with all options of a ruleset.
  init(_ cluster: Cluster, _ options: LoweringOptions) throws {
    let node = options.node
    let pods = cluster.pods.filter { node == nil || $0.node == node }
    lab = try PacketLab(
      pods: pods.map { PacketLab.Pod($0.displayName, $0.addresses) }, executable: BuiltProgram.netpolc)
    local = Dictionary(
      pods.enumerated().flatMap { place, pod in pod.addresses.map { ($0, place) } },
      uniquingKeysWith: { first, _ in first })
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower(options)
    try lab.load(NFTPrinter.replacing(lowered.table, annotations: lowered.annotations))
  }

  /// Whether a packet crosses the node, and the kernel routes its addresses at all: only then can it be sent here.
  /// A packet to its own pod stays in the pod, unless a Service translated its destination.
  func canSend(_ attempt: ConnectionAttempt) -> Bool {
    let (sender, receiver) = (local[attempt.source], local[attempt.destination])
    return sender != receiver && [attempt.source, attempt.destination].allSatisfy(Self.isRoutable)
  }

  /// Neither unspecified, loopback, link-local, multicast nor reserved: those never meet a forward hook.
  private static func isRoutable(_ address: IPAddress) -> Bool {
    switch address.family {
    case .ipv4:
      let first = address.bits >> 24
      return first != 0 && first != 127 && first < 224
    case .ipv6:
      let first = address.bits >> 112
      return first != 0 && first < 0xfe80
    }
  }

  /// Which of the packets arrived.
  func send(_ probes: [ConnectionAttempt]) throws -> [Bool] {
    try lab.probe(
      probes.map { probe in
        let payload: Probe.Payload =
          switch probe.transport {
          case 6: .tcp(port: probe.port)
          case 17: .udp(port: probe.port)
          case 132: .sctp(port: probe.port)
          case 1, 58: .echo
          default: .other(probe.transport)
          }
        return Probe(from: probe.source, to: probe.destination, payload)
      })
  }
}
