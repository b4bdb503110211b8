import JSONText

/// An error of a plugin in the words of the CNI specification.
public struct CNIFailure: Error, Sendable, Hashable {
  /// The specification's numbers that are used here.
  public enum Code: Int, Sendable {
    /// The version of the configuration is none that is supported.
    case incompatibleVersion = 1
    /// A variable of the environment is missing or wrong.
    case invalidEnvironment = 4
    /// The agent cannot be asked.
    case communication = 5
    /// The configuration is no JSON.
    case undecodable = 6
    /// The configuration lacks something.
    case invalidConfiguration = 7
    /// Try again: the agent is not ready.
    case tryAgain = 11
    /// STATUS: the plugin cannot serve ADD now.
    case notAvailable = 50
    /// CHECK: the attachment is not as it should be.
    case notInForce = 100
  }

  /// The number of the error.
  public let code: Code
  /// A sentence for people.
  public let message: String
  /// More of it; may be empty.
  public let details: String

  /// Makes a failure of its parts.
  public init(_ code: Code, _ message: String, details: String = "") {
    self.code = code
    self.message = message
    self.details = details
  }

  /// The text for standard output.
  func json(version: String) -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("cniVersion")
      writer.string(version)
      writer.key("code")
      writer.number(code.rawValue)
      writer.key("msg")
      writer.string(message)
      if !details.isEmpty {
        writer.key("details")
        writer.string(details)
      }
    }
    return writer.text + "\n"
  }
}
