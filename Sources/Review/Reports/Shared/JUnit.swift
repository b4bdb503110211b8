import Wording

/// A test suite as JUnit's XML, which CI services show as tests.
public enum JUnit {
  /// The result of a case.
  public enum Outcome: Sendable {
    /// The expectation holds.
    case success
    /// It does not hold.
    case failure(String, detail: String)
    /// It could not be checked.
    case error(String, detail: String)
  }

  /// One test of the suite, with its result.
  public struct Case: Sendable {
    let name: String
    let file: String?
    let line: Int?
    let outcome: Outcome

    /// Creates a case.
    public init(name: String, file: String?, line: Int?, outcome: Outcome) {
      (self.name, self.file, self.line, self.outcome) = (name, file, line, outcome)
    }
  }

  /// The document, each element on a line.
  public static func text(suite: String, cases: [Case]) -> String {
    var (failures, errors) = (0, 0)
    for one in cases {
      switch one.outcome {
      case .success: break
      case .failure: failures += 1
      case .error: errors += 1
      }
    }
    let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites \(counts)>\n"
    text += "  <testsuite name=\"\(attribute(suite))\" \(counts)>\n"
    for one in cases { text += element(one) }
    return text + "  </testsuite>\n</testsuites>\n"
  }

  private static func element(_ one: Case) -> String {
    var head = "    <testcase name=\"\(attribute(one.name))\" classname=\"netpolc\""
    if let file = one.file { head += " file=\"\(attribute(file))\"" }
    if let line = one.line { head += " line=\"\(line)\"" }
    switch one.outcome {
    case .success: return head + "/>\n"
    case .failure(let message, let detail): return head + ">\n" + body("failure", message, detail)
    case .error(let message, let detail): return head + ">\n" + body("error", message, detail)
    }
  }

  private static func body(_ kind: String, _ message: String, _ detail: String) -> String {
    "      <\(kind) message=\"\(attribute(message))\">\(attribute(detail))</\(kind)>\n    </testcase>\n"
  }

  /// Text of an attribute or an element: XML's escapes are HTML's, line feeds are kept as references.
  private static func attribute(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { ForeignText($0).html }
      .joined(separator: "&#10;")
  }
}
