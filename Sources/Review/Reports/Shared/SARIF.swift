import Diagnostics
import JSONText

/// SARIF 2.1.0, the format of static analysis results (OASIS), as code hosting services take it.
public enum SARIF {
  /// A rule for the tool's list.
  public struct Rule: Sendable {
    let id: String
    let title: String
    let explanation: String

    /// Creates a rule.
    public init(id: String, title: String, explanation: String) {
      self.id = id
      self.title = title
      self.explanation = explanation
    }
  }

  /// The document, one line.
  public static func text(_ findings: [ReportedFinding], rules: [Rule], version: String) -> String {
    var json = JSONWriter()
    json.object { json in
      json.pair("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
      json.pair("version", "2.1.0")
      json.key("runs")
      json.array { json in
        json.object { json in
          json.key("tool")
          json.object { json in
            json.key("driver")
            json.object { json in
              json.pair("name", "netpolc")
              json.pair("version", version)
              json.key("rules")
              json.array { json in for rule in rules { write(rule, &json) } }
            }
          }
          json.key("columnKind")
          json.string("utf16CodeUnits")
          json.key("results")
          json.array { json in for finding in findings { write(finding, &json) } }
        }
      }
    }
    return json.text + "\n"
  }

  private static func write(_ rule: Rule, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("id", rule.id)
      json.key("shortDescription")
      json.object { $0.pair("text", rule.title) }
      json.key("fullDescription")
      json.object { $0.pair("text", rule.explanation) }
    }
  }

  private static func write(_ finding: ReportedFinding, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("ruleId", finding.rule)
      json.pair("level", finding.severity.rawValue)
      json.key("message")
      json.object { $0.pair("text", finding.message) }
      guard let location = finding.location, let path = finding.path else { return }
      json.key("locations")
      json.array { json in
        json.object { json in
          json.key("physicalLocation")
          json.object { place(location, path, &$0) }
        }
      }
      guard !finding.related.isEmpty else { return }
      json.key("relatedLocations")
      json.array { json in
        for (number, location) in finding.related.enumerated() {
          json.object { json in
            json.pair("id", number + 1)
            json.key("physicalLocation")
            json.object { place(location, ReportedFinding.path(location), &$0) }
            json.key("message")
            json.object { $0.pair("text", "also decides: \(location)") }
          }
        }
      }
    }
  }

  /// `artifactLocation` and `region` of a place.
  private static func place(_ location: SourceLocation, _ path: String, _ json: inout JSONWriter) {
    json.key("artifactLocation")
    json.object { $0.pair("uri", uri(path)) }
    json.key("region")
    json.object { json in
      json.pair("startLine", max(1, location.line))
      json.pair("startColumn", max(1, location.column))
    }
  }

  /// A path as a relative or absolute URI: what is not unreserved or a slash is escaped.
  private static func uri(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || [0x2d, 0x2e, 0x2f, 0x5f, 0x7e].contains(byte)
      if isPlain {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return path.hasPrefix("/") ? "file://" + text : text
  }
}
