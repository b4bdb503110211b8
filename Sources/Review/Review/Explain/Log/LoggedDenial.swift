import Wording
public import Addresses
public import PolicyModel
import Reachability

/// Lines of a log that tell of one connection that one chain denied, and what the policies say of it now.
public struct LoggedDenial: Sendable {
  /// What a chain of the log stands for in a ruleset of these policies.
  public enum Chain: Sendable, Hashable {
    /// A class of pods: the direction, the policies that make it, and its pods as `namespace/name`.
    case pods(Direction, [PolicyID], pods: [String])
    /// The end of several classes with many rules.
    case shared
    /// Addresses of the node that no pod of the inventory had.
    case unknownPods
    /// No ruleset of these policies has it.
    case missing
  }

  /// One connection in the log: what the same line tells again is counted.
  public struct Key: Sendable, Hashable {
    /// Whether the packet was only counted, and passed.
    public let isAudit: Bool
    /// The chain's name in the log.
    public let chain: String
    /// Whether the packet was a reply; both ends and the port are then those of the connection that it belongs to.
    public let isReply: Bool
    /// Who began the connection.
    public let source: IPAddress
    /// Whom it was meant for.
    public let destination: IPAddress
    /// The protocol's number.
    public let transport: UInt8
    /// The destination port; nil for a protocol without, and where the line tells none.
    public let port: UInt16?

    /// The connection that a packet belongs to.
    public init(isAudit: Bool, chain: String, isReply: Bool, _ packet: LoggedPacket) {
      self.isAudit = isAudit
      self.chain = chain
      self.isReply = isReply
      source = isReply ? packet.destination : packet.source
      destination = isReply ? packet.source : packet.destination
      transport = packet.transport
      port = isReply ? packet.sourcePort : packet.destinationPort
    }

    private var order: (IPAddress, IPAddress, UInt8, UInt16, String, Int) {
      (source, destination, transport, port ?? 0, chain, (isAudit ? 1 : 0) + (isReply ? 2 : 0))
    }

    /// By ends, protocol and port, then by chain.
    static func < (left: Key, right: Key) -> Bool { left.order < right.order }
  }

  /// The connection.
  public let key: Key
  /// What its chain stands for.
  public let chain: Chain
  /// How many lines told of it. A limit may have kept others out of the log.
  public let lines: Int
  /// What the policies say of it now.
  public let answer: Explanation
  /// Whether these policies, or the missing pod, deny it as the log says.
  public let isDenied: Bool
  /// What there is to say about the line beside the policies.
  public let remarks: [String]
}

/// Everything that a log tells.
public struct ExplainedLog: Sendable {
  /// The connections, those with the most lines first.
  public let denials: [LoggedDenial]
  /// Lines of netpolc's that tell no whole packet.
  public let damaged: Int
  /// Lines that are not netpolc's.
  public let foreign: Int

  /// A log's connections and the lines that tell none.
  public init(_ denials: [LoggedDenial], damaged: Int, foreign: Int) {
    self.denials = denials.sorted {
      $0.lines == $1.lines ? $0.key < $1.key : $0.lines > $1.lines
    }
    self.damaged = damaged
    self.foreign = foreign
  }

  /// Whether these policies deny anything that the log tells of.
  public var deniesAny: Bool { denials.contains(where: \.isDenied) }
}

extension Explainer {
  /// What the policies say of a connection that a log tells of.
  ///
  /// - Parameters:
  ///   - key: the connection.
  ///   - chain: what its chain stands for in a ruleset of these policies.
  ///   - lines: how many lines told of it.
  /// - Returns: the policies' answer, and what is to be said about the line beside it.
  /// - Throws: nothing for a key that was read from a log: both ends are addresses of one family.
  public func explain(_ key: LoggedDenial.Key, _ chain: LoggedDenial.Chain, lines: Int) throws(Failure)
    -> LoggedDenial
  {
    var remarks: [String] = []
    let ends = (EndpointReference.address(key.source), EndpointReference.address(key.destination))
    var traffic = TrafficReference(transport: key.transport, port: key.port ?? 0)
    if key.port == nil, IPProtocol(key.transport).hasPorts {
      let allowed = try explain(ends.0, ends.1, nil)[0].allowed.ports(of: key.transport)
      let denied = allowed.complement().intervals.first { $0.upper > 0 }.map { max($0.lower, 1) }
      traffic = TrafficReference(transport: key.transport, port: denied ?? 0)
      let words = TrafficSet(key.transport, allowed).words
      let verdict =
        switch denied {
        case nil: "all are allowed"
        case let port? where allowed.isEmpty: "all are denied, such as \(port)"
        case let port?: "\(words) would be allowed, others are denied, such as \(port)"
        }
      remarks.append("the line tells no \(IPProtocol(key.transport)) port: \(verdict)")
    }
    let answer = try explain(ends.0, ends.1, traffic)[0]
    if key.isAudit { remarks.append("audit: it was counted, and passed") }
    if key.isReply {
      remarks.append("what was logged was a reply; explained is the connection that it belongs to")
    }
    var isDenied = !answer.isAllowed
    switch chain {
    case .missing:
      remarks.append(
        "no ruleset of these policies and pods has this chain: the line is of another revision, or of other pods"
      )
    case .unknownPods:
      let strangers = unknown(key)
      isDenied = isDenied || !strangers.isEmpty
      let words = strangers.map(\.description).joined(separator: " and ")
      remarks.append(
        strangers.isEmpty
          ? "an address of the node that no pod had; now both ends are known or of no node: apply this inventory"
          : "no pod of the inventory has \(words): it is denied until one has (--unknown-pods deny)")
    case .shared: break
    case .pods(let direction, _, let pods):
      let trace = direction == .ingress ? answer.ingress : answer.egress
      if let trace, !pods.contains(trace.pod) {
        remarks.append(
          "\(trace.pod) is not of this class now: the line is of another revision, or of other labels")
      } else if trace == nil {
        remarks.append("no pod has \(direction == .ingress ? key.destination : key.source) now")
      } else if isDenied, trace?.allows == true {
        remarks.append("\(direction.rawValue.lowercased()) allows it now; the other direction denies it")
      }
    }
    if !isDenied {
      remarks.append("these policies allow it: the line is of another revision, or of other pods")
    }
    return LoggedDenial(
      key: key, chain: chain, lines: lines, answer: answer, isDenied: isDenied, remarks: remarks)
  }
}
