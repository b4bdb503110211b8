public import Addresses

/// Everything that was read from manifests: policies and inventory, not yet checked against each other.
public struct ManifestContents: Sendable {
  /// Policies of every kind, as they are meant.
  public var policies: [Policy] = []
  /// The objects of kind Namespace.
  public var namespaces: [Namespace] = []
  /// The objects of kind Pod.
  public var pods: [Pod] = []
  /// Workloads that stand for pods without an address.
  public var workloads: [Pod] = []
  /// The objects of kind Service.
  public var services: [Service] = []
  /// The objects of kind EndpointSlice.
  public var endpointSlices: [EndpointSlice] = []
  /// Ingresses and other objects that make a controller send to services.
  public var routes: [IngressRoute] = []
  /// The controllers of ingress and of gateways, where an option names them.
  public var ingressControllers: [IngressController] = []
  /// The kinds of `workloads` that are known only by their pod template, with their numbers.
  public var customWorkloads: [String: Int] = [:]
  /// The blocks that pods without an address get theirs from, where an option names them.
  public var podCIDRs: [CIDR] = []
  /// The objects of kind Node.
  public var nodes: [Node] = []
  /// The number of skipped objects of other kinds, by kind.
  public var skipped: [String: Int] = [:]

  /// Creates an empty inventory.
  public init() {}

  /// True where anything but policies was read.
  public var hasInventory: Bool {
    !(namespaces.isEmpty && pods.isEmpty && workloads.isEmpty && nodes.isEmpty && services.isEmpty
      && endpointSlices.isEmpty && routes.isEmpty)
  }

  /// Adds all that another reading found.
  public mutating func append(_ other: ManifestContents) {
    Self.add(other.policies, to: &policies)
    Self.add(other.namespaces, to: &namespaces)
    Self.add(other.pods, to: &pods)
    Self.add(other.workloads, to: &workloads)
    Self.add(other.nodes, to: &nodes)
    Self.add(other.services, to: &services)
    Self.add(other.endpointSlices, to: &endpointSlices)
    Self.add(other.routes, to: &routes)
    Self.add(other.ingressControllers, to: &ingressControllers)
    Self.add(other.podCIDRs, to: &podCIDRs)
    customWorkloads.merge(other.customWorkloads, uniquingKeysWith: +)
    skipped.merge(other.skipped, uniquingKeysWith: +)
  }

  /// Adds a workload for each controller of ingress of which no pod and no workload was read: it sends all the same.
  public mutating func addMissingIngressControllers() {
    for controller in ingressControllers
    where !(pods + workloads).contains(where: controller.matches) { workloads.append(controller.workload) }
  }

  /// An empty target takes over the array instead of copying it.
  private static func add<Object>(_ more: [Object], to list: inout [Object]) {
    if list.isEmpty { list = more } else { list += more }
  }
}
