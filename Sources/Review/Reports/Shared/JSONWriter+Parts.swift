import Wording
import Addresses
import Connectivity
import Diagnostics
import JSONText
import PolicyModel
import PolicyTrace
import Reachability

/// The parts that the reports' JSON documents share.
extension JSONWriter {
  /// A finding about a place in the input: `id`, `severity`, `message`, and where they are known `field` and the place.
  mutating func finding(_ finding: Diagnostic) {
    object { json in
      json.pair("id", finding.id)
      json.pair("severity", finding.severity.rawValue)
      json.pair("message", finding.message)
      if !finding.field.isEmpty { json.pair("field", finding.field) }
      if let location = finding.location {
        json.pair("file", location.file)
        json.pair("line", location.line)
        json.pair("column", location.column)
      }
    }
  }

  /// A set of traffic: in words, and protocol by protocol.
  mutating func traffic(_ traffic: TrafficSet) {
    object { json in
      json.pair("text", traffic.words)
      json.key("all")
      json.bool(traffic == .everything)
      json.key("protocols")
      json.array { json in
        guard traffic != .everything else { return }
        for transport in UInt8.min...UInt8.max {
          let ports = traffic.ports(of: transport)
          if ports.isEmpty { continue }
          json.object { json in
            json.pair("number", Int(transport))
            if ports != .everything {
              json.key("ports")
              json.array { json in
                for range in ports.intervals {
                  json.array { json in
                    json.number(range.lower)
                    json.number(range.upper)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// `protocol`, and `port` where it has ports: members of the object around.
  mutating func reference(_ traffic: TrafficReference) {
    pair("protocol", IPProtocol(traffic.transport).description)
    if IPProtocol(traffic.transport).hasPorts { pair("port", Int(traffic.port)) }
  }

  /// Pods by description and name, or blocks of addresses that are no pod's.
  mutating func group(_ group: EndpointGroup) {
    object { json in
      json.pair("description", group.description)
      switch group {
      case .pods(_, let names): json.list("pods", names)
      case .outside(let blocks): json.list("outside", blocks.map(\.description))
      }
    }
  }

  /// `file`, `line`, `column` and `field` of a place.
  mutating func origin(_ origin: Origin) {
    object { json in
      json.pair("file", origin.location.file)
      json.pair("line", origin.location.line)
      json.pair("column", origin.location.column)
      if !origin.field.isEmpty { json.pair("field", origin.field) }
    }
  }

  mutating func source(_ source: Cause.Source) {
    object { json in
      json.pair("policy", source.policy.description)
      if let place = source.place {
        json.pair("tier", place.tier.title)
        json.pair("rule", place.rule)
      }
      json.key("origin")
      json.origin(source.origin)
    }
  }

  mutating func cause(_ cause: Cause) {
    object { json in
      json.pair("text", cause.words)
      json.pair("pod", cause.pod)
      json.pair("direction", cause.direction.rawValue)
      json.pair("verdict", cause.verdict.rawValue)
      json.key("sources")
      json.array { json in for source in cause.sources { json.source(source) } }
    }
  }
}
