public import Addresses
public import PolicyModel
public import PolicyTrace
import Reachability
import Wording

/// One packet that a policy change treats otherwise, and why on each side.
public struct PacketWitness: Sendable, Hashable {
  /// The sender's name; nil for an outside address.
  public let source: String?
  /// The sender's address; nil for a pod that has none yet.
  public let sourceAddress: IPAddress?
  /// The receiver's name; nil for an outside address.
  public let destination: String?
  /// The receiver's address; nil for a pod that has none yet.
  public let destinationAddress: IPAddress?
  /// The protocol's number.
  public let transport: UInt8
  /// The destination port; nil for a protocol without ports.
  public let port: UInt16?
  /// True where the old revision allows it; the new one says the contrary.
  public let allowedBefore: Bool
  /// The causes in the old revision.
  public var before: [Cause] = []
  /// The causes in the new revision.
  public var after: [Cause] = []
  /// The place that changed, then the other places that decide; none where nothing was written.
  public var places: [Origin] = []

  /// `ricky-apps/website (10.244.1.9) → default/hello-1 (10.244.1.5) TCP 8081`.
  public var description: String {
    "\(Self.end(source, sourceAddress)) → \(Self.end(destination, destinationAddress)) \(traffic)"
  }

  /// The name of the port of a pod to come, whose number is not known: `port` stands for it.
  public var portName: String?

  /// `TCP 8081`, `ICMP`, `TCP "http"`.
  public var traffic: String {
    IPProtocol(transport).description + (portName.map { " \"\($0)\"" } ?? port.map { " \($0)" } ?? "")
  }

  /// The witness with words in place of the names of its pods, and names in place of the numbers of ports.
  func naming(_ words: [String: String], ports: [UInt16: String]) -> PacketWitness {
    func named(_ name: String?) -> String? { name.map { words[$0] ?? $0 } }
    var result = PacketWitness(
      source: named(source), sourceAddress: sourceAddress, destination: named(destination),
      destinationAddress: destinationAddress, transport: transport, port: port, allowedBefore: allowedBefore)
    result.before = before.map { $0.naming(words) }
    result.after = after.map { $0.naming(words) }
    result.places = places
    result.portName = port.flatMap { ports[$0] }
    return result
  }

  private static func end(_ name: String?, _ address: IPAddress?) -> String {
    switch (name, address) {
    case (let name?, let address?): "\(name) (\(address))"
    case (let name?, nil): name
    case (nil, let address?): "\(address)"
    case (nil, nil): "nobody"
    }
  }
}
