import Addresses
public import AgentService
public import ArgumentParser
import Glibc
import KubernetesAPI
import Logging
public import PolicyModel

extension AgentOptions.UnknownPods: ExpressibleByArgument {}
extension EnforcementModes.Established: ExpressibleByArgument {}
extension EnforcementModes.Counts: ExpressibleByArgument {}
extension EnforcementModes.PodToNode: ExpressibleByArgument {}
extension EnforcementModes.SourceCheck: ExpressibleByArgument {}

/// Follows the cluster until SIGTERM.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follows the API server and keeps the node's table, until SIGTERM. The table stays.")

  @Option(help: "The node's name. By default the variable NODE_NAME, or the host's name.")
  var node: String?

  @Option(help: "A kubeconfig file. By default the pod's service account.")
  var kubeconfig: String?

  @Option(help: "The kubeconfig's context. By default its current-context.")
  var context: String?

  @Option(help: "Addresses in the node's pod CIDRs that no pod is known to have: deny or allow.")
  var unknownPods = AgentOptions.UnknownPods.deny

  @Option(
    name: .customLong("pod-cidr"),
    help: ArgumentHelp(
      "A block of the node's pod addresses. By default the Node's podCIDRs.", valueName: "cidr"))
  var podCIDRs: [String] = []

  @Option(help: "Connections that exist when policies change: keep or recheck.")
  var established = EnforcementModes.Established.keep

  @Option(help: "Packets from pods to their own node: open or policies.")
  var podToNode = EnforcementModes.PodToNode.open

  @Option(
    help:
      "Sources of packets that are checked: none (off), the addresses of this node's pods (local), besides them what comes by pods' interfaces (pods)."
  )
  var sourceCheck = EnforcementModes.SourceCheck.local

  @Option(
    name: .customLong("pod-interface"),
    help: ArgumentHelp(
      "The name of pods' interfaces, for --source-check pods; a '*' at its end stands for any end. By default those that "
        + "pods are routed to, looked up as pods come.",
      valueName: "pattern"))
  var podInterfaces: [String] = []

  @Option(
    help: ArgumentHelp(
      "A list that releases more of the node's isolated pods is held until a second one agrees.",
      valueName: "percent"))
  var maxReleased = 10

  @Flag(help: "Take every list at once, whatever it releases.")
  var acceptRelist = false

  @Option(
    help:
      "Packets that are counted: those that are denied (denied), besides them what each rule of ClusterNetworkPolicy decides about (rules)."
  )
  var count = EnforcementModes.Counts.denied

  @Flag(help: "Log denied packets, with the names of pods and policies, through an nflog group.")
  var logDenied = false

  @Option(
    help: ArgumentHelp("The most denied packets that a chain gives to the log.", valueName: "number/unit"))
  var logRate = "10/second"

  @Option(help: ArgumentHelp("The nflog group of denied packets.", valueName: "group"))
  var logGroup: UInt16 = 9469

  @Flag(help: "Drop nothing: count, and with --log-denied log, what would be denied.")
  var audit = false

  @Flag(help: "Install nothing: log what would be done, for example beside another enforcer.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "A JSON object of options by their names; those of the command line count before it.", valueName: "file"
    ))
  var config: String?

  @Option(help: ArgumentHelp("Where sockets and the record are.", valueName: "directory"))
  var runDirectory = "/run/netpolc"

  @Option(
    help: ArgumentHelp("Where the last proved table is kept for the next boot.", valueName: "directory"))
  var libraryDirectory = "/var/lib/netpolc/agent"

  @Option(help: ArgumentHelp("The boot's identifier, for tests.", visibility: .hidden))
  var bootID: String?

  @Option(
    help: ArgumentHelp(
      "A file that makes comparisons with the kernel find a difference, for tests.", visibility: .hidden))
  var differenceFile: String?

  @Option(
    help: ArgumentHelp("A file that makes proofs in the background fail, for tests.", visibility: .hidden))
  var objectionFile: String?

  @Option(help: ArgumentHelp("Where /metrics listens; an empty text: nowhere.", valueName: "address:port"))
  var metricsAddress = "127.0.0.1:9469"

  @Option(
    help: ArgumentHelp(
      "The longest random wait before the first requests, so that the agents of a roll-out do not ask in the same second.",
      valueName: "seconds"))
  var startJitter = 3

  @Option(help: "The log's format: text or json.")
  var logFormat = LogFormat.text

  @Option(help: ArgumentHelp("The wait before a held list is asked for again.", visibility: .hidden))
  var holdSeconds = 60

  func validate() throws {
    guard sourceCheck == .pods || podInterfaces.isEmpty else {
      throw ValidationError("--pod-interface needs --source-check pods.")
    }
    guard (0...100).contains(maxReleased) else {
      throw ValidationError("--max-released: \(maxReleased) is no percentage.")
    }
    guard startJitter >= 0 else {
      throw ValidationError("--start-jitter: \(startJitter) is no number of seconds.")
    }
    guard podInterfaces.allSatisfy({ EnforcementModes.isInterface($0) }) else {
      throw ValidationError("--pod-interface: one of the patterns cannot be the name of an interface.")
    }
  }

  func run() async throws {
    let access: ClusterAccess
    do throws(AccessFailure) {
      if let kubeconfig {
        access = try Kubeconfig(path: kubeconfig).access(context: context)
      } else if let found = ClusterAccess.inCluster(Self.environment) {
        access = found
      } else {
        throw AccessFailure("this is no pod: give --kubeconfig")
      }
    } catch { throw ValidationError("\(error)") }
    let name = node ?? Self.environment["NODE_NAME"] ?? Self.hostName
    guard !name.isEmpty else { throw ValidationError("the node's name is empty: give --node.") }
    var options = AgentOptions(node: name)
    options.unknownPods = unknownPods
    do { options.podCIDRs = try podCIDRs.map { try CIDR.parse($0).block } } catch {
      throw ValidationError("--pod-cidr: \(podCIDRs.joined(separator: ", ")) is no address block.")
    }
    options.modes.established = established
    options.modes.podToNode = podToNode
    options.modes.counts = count
    options.modes.isAudit = audit
    if logDenied {
      guard var log = EnforcementModes.Log(rate: logRate) else {
        throw ValidationError("--log-rate: \(logRate) is no number and unit, such as 10/second.")
      }
      log.group = logGroup
      options.modes.log = log
    }
    options.isDryRun = dryRun
    options.libraryDirectory = libraryDirectory
    if let bootID { options.bootID = bootID }
    options.differenceFile = differenceFile
    options.objectionFile = objectionFile
    options.modes.sourceCheck = sourceCheck
    options.modes.podInterfaces = podInterfaces
    options.maxReleased = maxReleased
    options.acceptsRelist = acceptRelist
    options.holdWait = .seconds(holdSeconds)
    options.runDirectory = runDirectory
    options.metricsAddress = metricsAddress.isEmpty ? nil : metricsAddress
    let format = logFormat
    let log = Logger(label: "netpolc-agent") { _ in LineLogHandler(format: format) }
    let timing = ServerTiming(startJitter: .seconds(startJitter))
    let service = AgentService(options, access: access, timing: timing, log: log)
    EndSignal.each { service.stop() }
    try await service.run()
  }

  private static var environment: [String: String] {
    var found: [String: String] = [:]
    for name in ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "NODE_NAME"] {
      if let value = getenv(name) { found[name] = String(cString: value) }
    }
    return found
  }

  private static var hostName: String {
    var bytes = [CChar](repeating: 0, count: 256)
    gethostname(&bytes, 255)
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .lowercased()
  }
}
