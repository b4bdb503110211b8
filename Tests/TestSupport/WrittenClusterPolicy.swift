/// A ClusterNetworkPolicy as its fields are written, in types of its own: the evaluator of the checklist reads these, and
/// the front end reads their JSON.
public struct WrittenClusterPolicy: Sendable {
  /// One requirement of a selector: key, operator, values.
  public struct Requirement: Sendable {
    let key: String
    let relation: String
    let values: [String]
  }

  /// A block of addresses: `10.0.0.0/8` as its parts.
  public struct Network: Sendable {
    let text: String
    let isIPv6: Bool
    let bits: UInt128
    let length: Int
  }

  /// An entry of `from` or `to`.
  public enum Peer: Sendable {
    case namespaces([Requirement])
    case pods(namespaces: [Requirement]?, pods: [Requirement])
    case networks([Network])
    case nodes([Requirement])
    case domainNames
    /// A field that only a newer API has.
    case unknown
  }

  /// An entry of `protocols`.
  public enum Match: Sendable {
    case number(String, UInt16)
    case range(String, UInt16, UInt16)
    case name(String)
  }

  /// An entry of `ingress` or `egress`.
  public struct Rule: Sendable {
    let action: String
    let peers: [Peer]
    let protocols: [Match]?
  }

  /// The object's name.
  public let name: String
  let tier: String
  let priority: Int
  /// `namespaces` or `pods`.
  let subject: Peer
  let ingress: [Rule]?
  let egress: [Rule]?

  /// The object as JSON, as a server returns it.
  public var json: String {
    var spec = [
      #""tier":"\#(tier)""#, #""priority":\#(priority)"#, #""subject":\#(Self.json(subject))"#,
    ]
    if let ingress { spec.append(#""ingress":\#(Self.json(ingress, "from"))"#) }
    if let egress { spec.append(#""egress":\#(Self.json(egress, "to"))"#) }
    return
      #"{"apiVersion":"policy.networking.k8s.io/v1alpha2","kind":"ClusterNetworkPolicy","metadata":{"name":"\#(name)","uid":"u-\#(name)"},"spec":{\#(spec.joined(separator: ","))}}"#
  }

  private static func json(_ rules: [Rule], _ peers: String) -> String {
    list(
      rules.map { rule in
        let protocols = rule.protocols.map { #","protocols":\#(list($0.map(json)))"# } ?? ""
        return #"{"action":"\#(rule.action)","\#(peers)":\#(list(rule.peers.map(json)))\#(protocols)}"#
      })
  }

  private static func json(_ peer: Peer) -> String {
    switch peer {
    case .namespaces(let selector): return #"{"namespaces":\#(json(selector))}"#
    case .pods(let namespaces, let pods):
      let first = namespaces.map { #""namespaceSelector":\#(json($0)),"# } ?? ""
      return #"{"pods":{\#(first)"podSelector":\#(json(pods))}}"#
    case .networks(let networks): return #"{"networks":\#(list(networks.map { "\"\($0.text)\"" }))}"#
    case .nodes(let selector): return #"{"nodes":\#(json(selector))}"#
    case .domainNames: return #"{"domainNames":["www.example.com"]}"#
    case .unknown: return #"{"serviceAccounts":{}}"#
    }
  }

  private static func json(_ match: Match) -> String {
    switch match {
    case .number(let transport, let number):
      #"{"\#(transport)":{"destinationPort":{"number":\#(number)}}}"#
    case .range(let transport, let start, let end):
      #"{"\#(transport)":{"destinationPort":{"range":{"start":\#(start),"end":\#(end)}}}}"#
    case .name(let name): #"{"destinationNamedPort":"\#(name)"}"#
    }
  }

  private static func json(_ selector: [Requirement]) -> String {
    if selector.isEmpty { return "{}" }
    let entries = selector.map { requirement in
      let values =
        requirement.values.isEmpty ? "" : #","values":\#(list(requirement.values.map { "\"\($0)\"" }))"#
      return #"{"key":"\#(requirement.key)","operator":"\#(requirement.relation)"\#(values)}"#
    }
    return #"{"matchExpressions":\#(list(entries))}"#
  }

  private static func list(_ entries: [String]) -> String { "[\(entries.joined(separator: ","))]" }
}
