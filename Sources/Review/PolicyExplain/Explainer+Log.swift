import Addresses
import PolicyModel
import PolicyTrace
import Reachability
import Wording

extension Explainer {
  /// The verdict of the policies about a logged connection.
  ///
  /// - Parameters:
  ///   - key: the connection.
  ///   - chain: what its chain stands for in a ruleset of these policies.
  ///   - lines: the number of its lines.
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
      remarks.append("the line has no \(IPProtocol(key.transport)) port: \(verdict)")
    }
    let answer = try explain(ends.0, ends.1, traffic)[0]
    if key.isAudit { remarks.append("audit: it was counted, and passed") }
    if key.isReply {
      remarks.append("the logged packet is a reply; explaining its connection")
    }
    var isDenied = !answer.isAllowed
    switch chain {
    case .missing:
      remarks.append(
        "no ruleset of these policies and pods has this chain: the line comes from another revision, or from other pods"
      )
    case .unknownPods:
      let strangers = unknown(key)
      isDenied = isDenied || !strangers.isEmpty
      let words = strangers.map(\.description).joined(separator: " and ")
      remarks.append(
        strangers.isEmpty
          ? "an address of the node that no pod had; now both ends are known or of no node: apply this inventory"
          : "no pod of the inventory has \(words): it is denied until one has (--unknown-pods deny)")
    case .forgedSources:
      isDenied = true
      remarks.append(
        "\(key.source) is not the sender's address: the packet came by an interface to which no route to it leads (--source-check)"
      )
    case .shared: break
    case .rule(let rule):
      let trace = rule.direction == .ingress ? answer.ingress : answer.egress
      if trace == nil {
        remarks.append("no pod has \(rule.direction == .ingress ? key.destination : key.source) now")
      } else if isDenied, trace?.allows == true {
        remarks.append(
          "\(rule.direction.rawValue.lowercased()) allows it now; the other direction denies it")
      }
    case .pods(let direction, _, let pods):
      let trace = direction == .ingress ? answer.ingress : answer.egress
      if let trace, !pods.contains(trace.pod) {
        remarks.append(
          "\(trace.pod) is not in this class now: the line comes from another revision, or from other labels")
      } else if trace == nil {
        remarks.append("no pod has \(direction == .ingress ? key.destination : key.source) now")
      } else if isDenied, trace?.allows == true {
        remarks.append("\(direction.rawValue.lowercased()) allows it now; the other direction denies it")
      }
    }
    if !isDenied {
      remarks.append("these policies allow it: the line comes from another revision, or from other pods")
    }
    return LoggedDenial(
      key: key, chain: chain, lines: lines, answer: answer, isDenied: isDenied, remarks: remarks)
  }
}
