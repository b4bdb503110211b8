/// The chained CNI plugin: it gives the node's agent a pod's addresses, and lets the pod start when the pod's
/// policies are in force.
///
/// It keeps nothing and decides nothing. The specification is CNI 1.1; configurations from 0.3.0 on are understood.
public struct CNIPlugin: Sendable {
  /// Sends a line to the socket at a path and returns the line that answers; waits so many milliseconds for it.
  public typealias Exchange =
    @Sendable (_ socket: String, _ line: String, _ milliseconds: Int) -> ExchangeResult

  /// The answer of the agent to one line, or the failure to get one.
  public enum ExchangeResult: Sendable, Hashable {
    /// The line that was answered, without its end.
    case answer(String)
    /// No answer came; why.
    case failed(String)
  }

  /// The output and status of the process.
  public struct Outcome: Sendable, Hashable {
    /// The text for standard output.
    public var output: String
    /// The exit status: 0 or 1.
    public var status: Int32
  }

  /// The time that the agent may take for an ADD, in milliseconds: longer than it waits for the pod's object itself.
  static let longWait = 20_000
  /// The time that a DEL waits, in milliseconds: it succeeds in any case.
  static let shortWait = 500

  private let environment: [String: String]
  private let exchange: Exchange

  /// A plugin run.
  ///
  /// - Parameters:
  ///   - environment: the process's environment.
  ///   - exchange: the way to the agent.
  public init(environment: [String: String], exchange: @escaping Exchange) {
    self.environment = environment
    self.exchange = exchange
  }

  /// Does what `CNI_COMMAND` says.
  ///
  /// - Parameter input: what stands on standard input.
  /// - Returns: the text for standard output and the exit status.
  public func run(_ input: String) -> Outcome {
    var version = NetworkConfiguration.fallbackVersion
    do throws(CNIFailure) {
      guard let command = environment["CNI_COMMAND"], !command.isEmpty else {
        throw CNIFailure(
          .invalidEnvironment,
          "CNI_COMMAND is not set: a container runtime runs this program, people run netpolc-agent")
      }
      let configuration = try NetworkConfiguration(input)
      version = configuration.version
      if command == "VERSION" { return Outcome(output: Self.versions(version), status: 0) }
      guard NetworkConfiguration.versions.contains(version) else {
        throw CNIFailure(
          .incompatibleVersion, "cniVersion \(version) is not supported",
          details: "supported: \(NetworkConfiguration.versions.joined(separator: ", "))")
      }
      switch command {
      case "ADD": return try add(configuration)
      case "DEL":
        // A pod's end must never wait for an agent, and its arguments may be incomplete.
        if let message = try? message(.remove, configuration) {
          _ = ask(message, configuration, Self.shortWait)
        }
        return Outcome(output: "", status: 0)
      case "GC":
        let left = (configuration.attachments ?? []).map { $0.joined(separator: "/") }
        if configuration.attachments != nil {
          _ = ask(AttachmentMessage(.collect, attachments: left), configuration, Self.shortWait)
        }
        return Outcome(output: "", status: 0)
      case "CHECK":
        guard configuration.result != nil else { throw Self.noResult }
        if let reason = ask(try message(.check, configuration), configuration, Self.longWait),
          !configuration.opensOnFailure
        {
          throw CNIFailure(.notInForce, reason)
        }
        return Outcome(output: "", status: 0)
      case "STATUS":
        if let reason = ask(AttachmentMessage(.status), configuration, Self.longWait),
          !configuration.opensOnFailure
        {
          throw CNIFailure(.notAvailable, reason, details: Self.advice)
        }
        return Outcome(output: "", status: 0)
      default: throw CNIFailure(.invalidEnvironment, "CNI_COMMAND \(command) is unknown")
      }
    } catch {
      return Outcome(output: error.json(version: version), status: 1)
    }
  }

  private static let noResult = CNIFailure(
    .invalidConfiguration, "there is no prevResult: netpolc-cni stands behind the plugin that gives addresses"
  )
  /// The way out where the agent is gone for good.
  static let advice =
    "to take the plugin out of a node: netpolc-agent manifest --uninstall | kubectl apply -f -"

  private static func versions(_ version: String) -> String {
    let list = NetworkConfiguration.versions.map { "\"\($0)\"" }.joined(separator: ",")
    let own = version == "0.1.0" ? NetworkConfiguration.fallbackVersion : version
    return "{\"cniVersion\":\"\(own)\",\"supportedVersions\":[\(list)]}\n"
  }

  private func add(_ configuration: NetworkConfiguration) throws(CNIFailure) -> Outcome {
    guard let result = configuration.result else { throw Self.noResult }
    let reason = ask(try message(.add, configuration), configuration, Self.longWait)
    if let reason, !configuration.opensOnFailure {
      throw CNIFailure(
        .tryAgain, "the pod's network policies are not in force yet: \(reason)", details: Self.advice)
    }
    return Outcome(output: result + "\n", status: 0)
  }

  /// Nil where the agent says *done*; otherwise why not.
  private func ask(
    _ message: AttachmentMessage, _ configuration: NetworkConfiguration, _ milliseconds: Int
  ) -> String? {
    switch exchange(configuration.socket, message.line, milliseconds) {
    case .answer(""): nil
    case .answer(let reason): reason
    case .failed(let reason): "the agent at \(configuration.socket) does not answer: \(reason)"
    }
  }

  /// The message about the pod of this run.
  private func message(
    _ verb: AttachmentMessage.Verb, _ configuration: NetworkConfiguration
  ) throws(CNIFailure) -> AttachmentMessage {
    var arguments: [String: String] = [:]
    for pair in (environment["CNI_ARGS"] ?? "").split(separator: ";") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      if sides.count == 2 { arguments[String(sides[0])] = String(sides[1]) }
    }
    guard let container = environment["CNI_CONTAINERID"], !container.isEmpty else {
      throw CNIFailure(.invalidEnvironment, "CNI_CONTAINERID is not set")
    }
    guard let namespace = arguments["K8S_POD_NAMESPACE"], let name = arguments["K8S_POD_NAME"] else {
      throw CNIFailure(
        .invalidEnvironment,
        "CNI_ARGS has no K8S_POD_NAMESPACE and K8S_POD_NAME: only pods of Kubernetes have policies")
    }
    return AttachmentMessage(
      verb, container: container, interface: environment["CNI_IFNAME"] ?? "", namespace: namespace,
      name: name,
      uid: arguments["K8S_POD_UID"] ?? "", addresses: configuration.addresses)
  }
}
