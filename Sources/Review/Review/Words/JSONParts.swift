import Wording
import Addresses
import Diagnostics
import JSONText
import PolicyModel
import Reachability

/// The parts that the reports' JSON documents share.
extension JSONWriter {
  mutating func text(_ key: String, _ value: String) {
    self.key(key)
    string(value)
  }

  mutating func texts(_ key: String, _ values: [String]) {
    self.key(key)
    array { json in for value in values { json.string(value) } }
  }

  mutating func count(_ key: String, _ value: Int) {
    self.key(key)
    number(value)
  }

  /// A set of traffic: in words, and protocol by protocol.
  mutating func traffic(_ traffic: TrafficSet) {
    object { json in
      json.text("text", traffic.words)
      json.key("all")
      json.bool(traffic == .everything)
      json.key("protocols")
      json.array { json in
        guard traffic != .everything else { return }
        for transport in UInt8.min...UInt8.max {
          let ports = traffic.ports(of: transport)
          if ports.isEmpty { continue }
          json.object { json in
            json.count("number", Int(transport))
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
    text("protocol", IPProtocol(traffic.transport).description)
    if IPProtocol(traffic.transport).hasPorts { count("port", Int(traffic.port)) }
  }

  /// Pods by description and name, or blocks of addresses that are no pod's.
  mutating func group(_ group: EndpointGroup) {
    object { json in
      json.text("description", group.description)
      switch group {
      case .pods(_, let names): json.texts("pods", names)
      case .outside(let blocks): json.texts("outside", blocks.map(\.description))
      }
    }
  }

  /// `file`, `line`, `column` and `field` of a place.
  mutating func origin(_ origin: Origin) {
    object { json in
      json.text("file", origin.location.file)
      json.count("line", origin.location.line)
      json.count("column", origin.location.column)
      if !origin.field.isEmpty { json.text("field", origin.field) }
    }
  }

  mutating func source(_ source: Cause.Source) {
    object { json in
      json.text("policy", source.policy.description)
      json.key("origin")
      json.origin(source.origin)
    }
  }

  mutating func cause(_ cause: Cause) {
    object { json in
      json.text("text", cause.words)
      json.text("pod", cause.pod)
      json.text("direction", cause.direction.rawValue)
      json.text("verdict", cause.verdict.rawValue)
      json.key("sources")
      json.array { json in for source in cause.sources { json.source(source) } }
    }
  }
}
