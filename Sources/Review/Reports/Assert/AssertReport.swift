import Diagnostics
import JSONText
public import PolicyAssert
import PolicyTrace
public import Wording

/// Results of expectations in the formats of `netpolc assert`.
public enum AssertReport {
  /// As text for a terminal: failures first, then a count.
  public static func text(_ results: [ExpectationResult], _ style: TerminalStyle = TerminalStyle()) -> String
  {
    var lines: [String] = []
    for result in results where !result.holds {
      let word = result.undecided == nil ? "FAILED" : "UNDECIDED"
      lines.append("\(style.paint(word, .red)) \(result.expectation.name) (\(result.expectation.location))")
      lines.append("  \(result.failure ?? result.undecided.map { "there are \($0) to look at" } ?? "")")
      if let witness = result.witness {
        lines.append("  witness \(witness.packet)")
        lines += witness.causes.map { "  because \($0.words)" }
      }
    }
    let (failed, undecided) = (results.count { $0.failure != nil }, results.count { $0.undecided != nil })
    lines.append(
      Counting.of(results.count - failed - undecided, "expectation") + " met"
        + (failed == 0 ? "" : ", \(failed) failed") + (undecided == 0 ? "" : ", \(undecided) undecided"))
    return lines.map { $0 + "\n" }.joined()
  }

  /// As JSON, whose schema is `docs/schemas/assert-result.schema.json`; one line.
  public static func json(_ results: [ExpectationResult]) -> String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "AssertResult")
      json.key("results")
      json.array { json in
        for result in results {
          json.object { json in
            json.pair("name", result.expectation.name)
            json.pair("file", result.expectation.location.file)
            json.pair("line", result.expectation.location.line)
            json.key("holds")
            json.bool(result.holds)
            if let failure = result.failure { json.pair("failure", failure) }
            if let undecided = result.undecided { json.pair("undecided", undecided) }
            if let witness = result.witness {
              json.pair("witness", witness.packet)
              json.key("causes")
              json.array { json in for cause in witness.causes { json.cause(cause) } }
            }
          }
        }
      }
    }
    return json.text + "\n"
  }
}
