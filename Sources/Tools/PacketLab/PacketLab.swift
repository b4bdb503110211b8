#if os(Linux)
  public import Addresses
  import Glibc
  public import LinuxNet
  public import NFTables

  /// A node, its pods and the rest of the world, made of network namespaces that end with the lab.
  ///
  /// The node forwards IPv4 and IPv6 between its pods (each joined by a pair of virtual interfaces, or all by a bridge
  /// whose packets pass the filter of IP as well) and the outside, which owns every address that is neither a pod's nor the node's: other nodes' pods as well as
  /// the internet. All links are without address resolution, so nothing is on the wire but what is sent.
  public final class PacketLab: Sendable {
    /// Where a packet can come from.
    public enum Place: Sendable, Hashable {
      /// The namespace of the pod of that name.
      case pod(String)
      /// The node itself.
      case node
      /// A place outside the node and its pods.
      case outside
    }

    /// A pod to be.
    public struct Pod: Sendable, Hashable {
      /// A name that is unique in the lab.
      public var name: String
      /// The pod's addresses, of either family, unique in the lab.
      public var addresses: [IPAddress]

      /// A pod of the given addresses.
      public init(_ name: String, _ addresses: [IPAddress]) {
        self.name = name
        self.addresses = addresses
      }
    }

    /// The node's namespace, where rulesets go.
    public let node: NetworkNamespace
    /// The namespace of all other addresses.
    public let outside: NetworkNamespace
    /// The pods, as given.
    public let pods: [Pod]
    /// The node's addresses.
    public let nodeAddresses: [IPAddress]
    /// Transactions in the node's namespace.
    public let nft: NFTablesClient

    let namespaces: [Place: NetworkNamespace]
    let owners: [IPAddress: Place]
    let field: ProbeField

    /// 192.0.2.1 and 2001:db8:ffff::1, kept for documentation.
    public static let defaultNodeAddresses = [
      IPAddress(.ipv4, bits: 0xc000_0201), IPAddress(.ipv6, bits: 0x2001_0db8_ffff << 80 | 1),
    ]

    /// Builds a lab. Needs root and the `ip` program.
    ///
    /// - Parameters:
    ///   - pods: the pods on the node.
    ///   - nodeAddresses: the node's own addresses.
    ///   - bridge: the name of a bridge that joins the pods, whose addresses are then of one /24 and one /64; nil: each has
    ///     an interface of its own.
    ///   - executable: the program that is started as libnftables' worker.
    /// - Throws: `SystemFailure` or `LabFailure`; nothing is left behind.
    public init(
      pods: [Pod], nodeAddresses: [IPAddress] = PacketLab.defaultNodeAddresses, bridge: String? = nil,
      executable: String = "/proc/self/exe"
    ) throws {
      self.pods = pods
      self.nodeAddresses = nodeAddresses
      node = try NetworkNamespace()
      outside = try NetworkNamespace()
      nft = NFTablesClient(executable: executable, namespace: node)
      var namespaces: [Place: NetworkNamespace] = [.node: node, .outside: outside]
      var owners: [IPAddress: Place] = [:]
      for pod in pods {
        guard namespaces.updateValue(try NetworkNamespace(), forKey: .pod(pod.name)) == nil else {
          throw LabFailure("two pods are named \(pod.name)")
        }
        for address in pod.addresses { try Self.own(address, .pod(pod.name), &owners) }
      }
      for address in nodeAddresses { try Self.own(address, .node, &owners) }
      self.namespaces = namespaces
      self.owners = owners
      try Wiring(node: node, outside: outside, nodeAddresses: nodeAddresses, bridge: bridge).build(
        pods.compactMap { pod in namespaces[.pod(pod.name)].map { (pod, $0) } })
      field = try ProbeField(namespaces)
      try awaitLinks()
    }

    /// Waits until every link carries packets both ways: the kernel brings them up a little after it says so.
    private func awaitLinks() throws {
      let ends = pods.compactMap(\.addresses.first) + nodeAddresses.prefix(1)
      let probes = ends.flatMap { end in
        // Addresses that no lab has any use for (RFC 5737, RFC 9637).
        let far =
          end.family == .ipv4
          ? IPAddress(.ipv4, bits: 0xc633_64fe) : IPAddress(.ipv6, bits: 0x3fff_0fff << 96 | 0xfe)
        return [
          Probe(from: end, to: far, .other(253)), Probe(from: far, to: end, .other(253), sender: .outside),
        ]
      }
      let deadline = ContinuousClock.now + .seconds(10)
      while try probe(probes, forgetting: false).contains(false) {
        if ContinuousClock.now > deadline { throw LabFailure("the links do not come up") }
        usleep(500)
      }
    }

    private static func own(_ address: IPAddress, _ place: Place, _ owners: inout [IPAddress: Place]) throws {
      if let other = owners.updateValue(place, forKey: address) {
        throw LabFailure("\(address) belongs to \(other) and \(place)")
      }
    }

    /// The owner of an address.
    public func place(of address: IPAddress) -> Place { owners[address] ?? .outside }

    /// The namespace of a place.
    ///
    /// - Throws: the error of the system call that failed.
    public func namespace(of place: Place) throws -> NetworkNamespace {
      guard let namespace = namespaces[place] else { throw LabFailure("the lab has no \(place)") }
      return namespace
    }

    /// Loads a ruleset into the node.
    ///
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    public func load(_ script: String, format: NFTablesFormat = .text) throws(NFTablesFailure) {
      try nft.apply(script, format: format)
    }

    /// Makes the node forget all connections, as if every packet to come were the first of its kind.
    ///
    /// - Throws: the error of the system call that failed.
    public func forgetConnections() throws {
      try node.run { () throws(SystemFailure) in try flushConnections() }
    }
  }

  /// The reason for which a lab does not work.
  public struct LabFailure: Error, Sendable, CustomStringConvertible {
    /// The reason as one sentence.
    public let description: String

    init(_ description: String) { self.description = description }
  }
#endif
