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
    var lines: [PlainText] = []
    for result in results where !result.holds {
      let word = result.undecided == nil ? "FAILED" : "UNDECIDED"
      lines.append(
        "\(style.paint(PlainText(trusted: word), .red)) \(result.expectation.name) (\(result.expectation.location))"
      )
      lines.append("  \(result.failure ?? result.undecided.map { "there are \($0) to look at" } ?? "")")
      if let witness = result.witness {
        lines.append("  witness \(witness.packet)")
        lines += witness.causes.map { "  because \($0.words)" }
      }
    }
    return lines.ended + summary(results)
  }

  /// The numbers of expectations, as one line.
  public static func summary(_ results: [ExpectationResult]) -> String {
    let (failed, undecided) = (results.count { $0.failure != nil }, results.count { $0.undecided != nil })
    return Counting.of(results.count - failed - undecided, "expectation") + " met"
      + (failed == 0 ? "" : ", \(failed) failed") + (undecided == 0 ? "" : ", \(undecided) undecided") + "\n"
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

  /// As a test suite of JUnit: an expectation is a test, one that is undecided an error.
  public static func jUnit(_ results: [ExpectationResult]) -> String {
    JUnit.text(
      suite: "netpolc assert",
      cases: results.map { result in
        let place = result.expectation.location
        let outcome: JUnit.Outcome =
          if let failure = result.failure {
            .failure(failure, detail: "\(place)\n\(detail(result))")
          } else if let undecided = result.undecided {
            .error("undecided: there are \(undecided) to look at", detail: "\(place)")
          } else {
            .success
          }
        return JUnit.Case(
          name: result.expectation.name, file: place.file, line: place.line, outcome: outcome)
      })
  }

  /// The kinds of findings in SARIF.
  private static let rules: [SARIF.Rule] = [
    .init(
      id: "expectation-failed", title: "an expectation does not hold",
      explanation: "The policies allow what must be denied, or deny what must be allowed."),
    .init(
      id: "expectation-undecided", title: "an expectation is undecided",
      explanation: "The pods to come that it is about are of too many kinds."),
  ]

  /// As SARIF 2.1.0: each expectation that does not hold, where it is written.
  public static func sarif(_ results: [ExpectationResult], version: String) -> String {
    SARIF.text(findings(results), rules: rules, version: version)
  }

  /// As annotations of GitHub Actions.
  public static func gitHub(_ results: [ExpectationResult]) -> String {
    GitHubAnnotations.text(findings(results))
  }

  private static func findings(_ results: [ExpectationResult]) -> [ReportedFinding] {
    results.filter { !$0.holds }.map { result in
      ReportedFinding(
        rule: result.failure == nil ? "expectation-undecided" : "expectation-failed", severity: .error,
        message: "\(result.expectation.name): \(detail(result))", location: result.expectation.location)
    }
  }

  private static func detail(_ result: ExpectationResult) -> String {
    let reason = result.failure ?? result.undecided.map { "there are \($0) to look at" } ?? ""
    guard let witness = result.witness else { return reason }
    return ([reason, "witness \(witness.packet)"] + witness.causes.map { "because \($0.words)" })
      .joined(separator: "\n")
  }
}
