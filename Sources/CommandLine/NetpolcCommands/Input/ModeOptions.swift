import Addresses
import ArgumentParser
import NodeCompiler
import PolicyModel
import Wording

/// The treatment of existing connections when policies change.
enum EstablishedMode: String, ExpressibleByArgument, CaseIterable {
  /// They go on.
  case keep
  /// Each packet is held against the policies.
  case recheck
  /// Those that are denied now are forgotten by the kernel after the commit.
  case cut
}

/// The treatment of the node's addresses that no pod of the inventory has.
enum UnknownPodsMode: String, ExpressibleByArgument, CaseIterable {
  /// They are open, as pods without policies are.
  case allow
  /// They neither send nor receive.
  case deny
}

/// The options for the enforcement of policies.
struct ModeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Connections that exist already: keep them; recheck each of their packets; or cut those that are denied now, "
        + "once, after --apply. By default keep."))
  var established: EstablishedMode?

  @Option(
    help: ArgumentHelp(
      "What to do with pod addresses of the node that are missing from the inventory: allow (default) or deny their "
        + "traffic."))
  var unknownPods: UnknownPodsMode?

  @Option(
    name: .customLong("pod-cidr"),
    help: ArgumentHelp("A block of the node's pod addresses; by default Node's podCIDRs.", valueName: "cidr"),
    transform: ModeOptions.block)
  var podCIDRs: [CIDR] = []

  @Option(
    help:
      "What pods may send to their own node: anything (open), or what their egress policies allow (policies). By default open."
  )
  var podToNode: EnforcementModes.PodToNode?

  @Option(
    help: ArgumentHelp(
      "Believe packets' sources (off); drop what bears the address of a pod of this node and does not come by the "
        + "interface that is routed to it (local); besides, what comes by a pod's interface with a source that is not "
        + "routed to it (pods). By default local with a node, off without."))
  var sourceCheck: EnforcementModes.SourceCheck?

  @Option(
    name: .customLong("pod-interface"),
    help: ArgumentHelp(
      "The name of pods' interfaces, for --source-check pods; a '*' at its end stands for any end. By default those that "
        + "pods are routed to, with --apply.", valueName: "pattern"))
  var podInterfaces: [String] = []

  @Option(
    help:
      "Packets to count: those that are denied (denied); besides, for each rule of ClusterNetworkPolicy, those that it decides about (rules). By default denied."
  )
  var count: EnforcementModes.Counts?

  @Flag(help: "Log denied packets to the kernel's log, with the class of pods that denied them.")
  var logDenied = false

  @Option(help: ArgumentHelp("How many lines a chain may log.", valueName: "number/unit"))
  var logRate: EnforcementModes.Log?

  @Option(help: ArgumentHelp("Log to this nflog group instead of the kernel's log.", valueName: "group"))
  var logGroup: UInt16?

  @Flag(help: "Count (and with --log-denied log) what would be denied, and let it pass.")
  var audit = false

  func validate() throws {
    if !logDenied, logRate != nil || logGroup != nil {
      throw ValidationError("--log-rate and --log-group need --log-denied.")
    }
    if audit, established == .cut {
      throw ValidationError("--audit denies nothing, so --established cut has nothing to cut.")
    }
    if !podCIDRs.isEmpty, unknownPods != .deny {
      throw ValidationError("--pod-cidr needs --unknown-pods deny.")
    }
    if !podInterfaces.isEmpty, sourceCheck != .pods {
      throw ValidationError("--pod-interface needs --source-check pods.")
    }
    if let wrong = podInterfaces.first(where: { !EnforcementModes.isInterface($0) }) {
      throw ValidationError("--pod-interface: '\(ForeignText(wrong))' cannot be the name of an interface.")
    }
  }

  private static func block(_ text: String) throws -> CIDR {
    do { return try CIDR.parse(text).block } catch { throw ValidationError("'\(text)' is no address block.") }
  }

  /// The modes for a node of a cluster, or for all of it.
  ///
  /// - Parameters:
  ///   - cluster: policies and pods.
  ///   - node: the node; nil: all of the cluster.
  ///   - isHere: whether this network namespace is the node's, so that its routes show pods' interfaces.
  /// - Returns: the modes.
  /// - Throws: `ValidationError` where options lack what they need.
  func modes(_ cluster: Cluster, node: String?, isHere: Bool = false) throws -> EnforcementModes {
    var modes = try plainModes(cluster, node: node)
    modes.sourceCheck = sourceCheck ?? (node == nil ? .off : .local)
    modes.podInterfaces = Set(podInterfaces).sorted()
    guard modes.sourceCheck != .off else { return modes }
    guard node != nil else {
      throw ValidationError(
        "--source-check \(modes.sourceCheck.rawValue) needs --node: it is about the pods of one node.")
    }
    #if os(Linux)
      if isHere {
        let routes = PodRoutes(cluster, node: node)
        modes = routes.completing(modes)
        StandardError.report(routes.diagnostics(modes))
        return modes
      }
    #endif
    if modes.sourceCheck == .pods, podInterfaces.isEmpty {
      throw ValidationError(
        "--source-check pods needs --pod-interface, or --apply, where the routes to pods name their interfaces."
      )
    }
    return modes
  }

  /// The modes of the options without the check of sources.
  func plainModes(_ cluster: Cluster, node: String?) throws -> EnforcementModes {
    var modes = EnforcementModes(
      established: established == .recheck ? .recheck : .keep, isAudit: audit,
      counts: count ?? .denied, podToNode: podToNode ?? .open)
    if logDenied {
      modes.log = logRate ?? EnforcementModes.Log()
      modes.log?.group = logGroup
    }
    if unknownPods == .deny {
      var blocks = podCIDRs
      if blocks.isEmpty {
        blocks = cluster.nodes.filter { node == nil || $0.name == node }.flatMap(\.podCIDRs)
        try refuseOverlaps(cluster, node)
      }
      guard !blocks.isEmpty else {
        throw ValidationError(
          "--unknown-pods deny needs the node's podCIDRs: add its Node object to the inventory, or give --pod-cidr."
        )
      }
      modes.unknownPodBlocks = blocks
    }
    return modes
  }

  /// Refuses blocks of the node that another node has too: an unknown address there may be of either node.
  private func refuseOverlaps(_ cluster: Cluster, _ node: String?) throws {
    guard let own = cluster.nodes.first(where: { $0.name == node }) else { return }
    for other in cluster.nodes where other.name != own.name {
      for block in own.podCIDRs {
        guard let second = other.podCIDRs.first(where: { $0.overlaps(block) }) else { continue }
        throw ValidationError(
          "--unknown-pods deny needs podCIDRs that no other node has: \(block) of node \(ForeignText(own.name)) overlaps \(second) of node \(ForeignText(other.name)). Correct the Node objects, or give --pod-cidr."
        )
      }
    }
  }
}
