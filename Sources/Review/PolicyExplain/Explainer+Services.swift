import Addresses
import PolicyModel
public import PolicyTrace
import Reachability
import Wording

extension Explainer {
  /// Explains a connection as `ask` does, towards a service too: named as one, or by one of its addresses.
  ///
  /// - Parameters:
  ///   - source: the sender.
  ///   - destination: the receiver.
  ///   - traffic: protocol and port; towards a service those of the service.
  ///   - namespace: the namespace of a service that is named without one.
  /// - Returns: the answer for each pair of ends.
  /// - Throws: a failure where an end does not exist, or a service has no such port or no endpoint.
  public func ask(
    _ source: EndpointReference, _ destination: EndpointReference, _ traffic: TrafficReference?,
    namespace: String
  ) throws(Failure) -> Answer {
    switch destination {
    case .service(let own, let name):
      let found = contents.services.first { $0.namespace == own ?? namespace && $0.name == name }
      guard let found else {
        throw Failure(
          description:
            "no service is \(own ?? namespace)/\(name); Services are read from the same paths as pods")
      }
      return .service(try explain(source, found, traffic))
    case .address(let address):
      // A pod that has the address answers for itself.
      guard specification.pod(at: address) == nil,
        let found = contents.services.first(where: { $0.addresses.contains(address) })
      else { return try ask(source, destination, traffic) }
      return .service(try explain(source, found, traffic))
    default: return try ask(source, destination, traffic)
    }
  }

  private func explain(
    _ source: EndpointReference, _ service: Service, _ traffic: TrafficReference?
  ) throws(Failure) -> ServiceExplanation {
    let port = try port(of: service, traffic)
    let asked = TrafficReference(transport: port.transport.number, port: port.number)
    var remarks: [String] = []
    var found: [ServiceExplanation.Endpoint] = []
    let senders = try ends(source)
    for (end, target) in try endpoints(of: service, port, &remarks) {
      let traffic = TrafficReference(transport: port.transport.number, port: target)
      for sender in senders where !isOnePod(sender, end) {
        do throws(Failure) {
          found.append(
            ServiceExplanation.Endpoint(traffic: traffic, explanations: try explain(sender, end, traffic)))
        } catch {
          remarks.append(error.description)
        }
      }
    }
    guard !found.isEmpty else {
      let reason = remarks.first.map { ": \($0)" } ?? ""
      throw Failure(
        description:
          "service \(service.displayName) has no endpoint for \(asked.words) that \(source.words) could reach\(reason)"
      )
    }
    return ServiceExplanation(
      source: source.words, service: service.displayName, traffic: asked,
      endpoints: found.enumerated().sorted { left, right in
        let order: [Answer.Verdict] = [.denied, .dependsOnAddress, .allowed]
        func place(_ one: ServiceExplanation.Endpoint) -> Int { order.firstIndex(of: one.verdict) ?? 0 }
        return (place(left.element), left.offset) < (place(right.element), right.offset)
      }.map(\.element), remarks: remarks)
  }

  /// The port of a service that was asked for, or its only one.
  private func port(of service: Service, _ traffic: TrafficReference?) throws(Failure) -> Service.Port {
    let all = Counting.first(6, of: service.ports.map { "\($0.transport.rawValue) \($0.number)" })
    guard let traffic else {
      if service.ports.count == 1 { return service.ports[0] }
      throw Failure(description: "service \(service.displayName) needs a port: \(all)")
    }
    let found = service.ports.first { $0.transport.number == traffic.transport && $0.number == traffic.port }
    guard let found else {
      throw Failure(
        description:
          "service \(service.displayName) has no port \(traffic.words), so nothing answers: it has \(all)")
    }
    return found
  }

  /// The endpoints behind a port, as slices have them, or else as the service's selector finds them.
  private func endpoints(
    of service: Service, _ port: Service.Port, _ remarks: inout [String]
  ) throws(Failure) -> [(end: End, target: UInt16)] {
    let slices = contents.endpointSlices.filter {
      $0.namespace == service.namespace && $0.service == service.name && !$0.addresses.isEmpty
    }
    var result: [(end: End, target: UInt16)] = []
    for slice in slices {
      guard let own = slice.ports.first(where: { $0.name == port.name && $0.transport == port.transport })
      else { continue }
      for address in slice.addresses { result += try ends(.address(address)).map { ($0, own.number) } }
    }
    if !slices.isEmpty { return result }
    guard let selector = service.selector else {
      throw Failure(
        description:
          "service \(service.displayName) has no selector and no EndpointSlice: what stands behind it is not known"
      )
    }
    let matching = LabelSelector(matchLabels: selector)
    for index in cluster.pods.indices
    where cluster.pods[index].namespace == service.namespace && matching.matches(cluster.pods[index].labels) {
      let pod = cluster.pods[index]
      let end = End(
        pod: index, name: pod.endpointName, addresses: pod.addresses.sorted(),
        isPlaceholder: pod.isPlaceholder)
      switch port.target {
      case .number(let number): result.append((end, number))
      case .name(let name):
        if let number = pod.number(ofPort: name, port.transport) {
          result.append((end, number))
        } else {
          remarks.append(
            "\(pod.endpointName) has no \(port.transport.rawValue) port named \"\(name)\": nothing is sent there"
          )
        }
      }
    }
    return result
  }
}
