import Addresses
public import PolicyModel

/// A pod behind a service that a route names, with the port that packets of the route's controller have there.
public struct RouteTarget: Sendable {
  /// The Ingress, or whatever names the service.
  public let route: IngressRoute
  /// The service that the route names.
  public let service: Service
  /// The pod, as an index of `Cluster.pods`.
  public let pod: Int
  /// The protocol of the packets.
  public let transport: TransportProtocol
  /// The port of the pod.
  public let port: UInt16

  /// The targets of all routes: those of a service's EndpointSlices where the inventory has some, else the pods that its
  /// selector matches. A controller sends to them itself, so that the service's own address and port never count.
  /// O(backends · (services + pods)).
  public static func all(_ contents: ManifestContents, _ cluster: Cluster) -> [RouteTarget] {
    var podOfAddress: [IPAddress: Int] = [:]
    for (index, pod) in cluster.pods.enumerated() {
      for address in pod.addresses { podOfAddress[address] = index }
    }
    return contents.routes.flatMap { route in
      route.backends.flatMap { backend -> [RouteTarget] in
        let service = contents.services.first {
          $0.namespace == backend.namespace && $0.name == backend.service
        }
        guard let service else { return [] }
        return service.ports.filter { isMeant($0, backend.port) }.flatMap { port in
          endpoints(of: service, port, contents, cluster, podOfAddress).map { pod, number in
            RouteTarget(route: route, service: service, pod: pod, transport: port.transport, port: number)
          }
        }
      }
    }
  }

  private static func isMeant(_ port: Service.Port, _ wanted: IngressRoute.Port?) -> Bool {
    switch wanted {
    case nil: true
    case .number(let number): port.number == number
    case .name(let name): port.name == name || port.target == .name(name)
    case .target(let number): port.target == .number(number)
    }
  }

  private static func endpoints(
    of service: Service, _ port: Service.Port, _ contents: ManifestContents, _ cluster: Cluster,
    _ podOfAddress: [IPAddress: Int]
  ) -> [(pod: Int, port: UInt16)] {
    let slices = contents.endpointSlices.filter {
      $0.namespace == service.namespace && $0.service == service.name && !$0.addresses.isEmpty
    }
    let known = slices.flatMap { slice -> [(pod: Int, port: UInt16)] in
      guard let own = slice.ports.first(where: { $0.name == port.name && $0.transport == port.transport })
      else { return [] }
      return slice.addresses.compactMap { address in podOfAddress[address].map { ($0, own.number) } }
    }
    if !slices.isEmpty { return known }
    guard let selector = service.selector else { return [] }
    let matching = LabelSelector(matchLabels: selector)
    return cluster.pods.indices.compactMap { index in
      let pod = cluster.pods[index]
      guard pod.namespace == service.namespace, matching.matches(pod.labels) else { return nil }
      switch port.target {
      case .number(let number): return (index, number)
      case .name(let name): return pod.number(ofPort: name, port.transport).map { (index, $0) }
      }
    }
  }
}
