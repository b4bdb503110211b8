public import PolicyTrace

/// The verdicts about connections to a service: packets to its address are rewritten to the address and port of one of its
/// endpoints before policies are asked, so each endpoint is asked about.
public struct ServiceExplanation: Sendable {
  /// One endpoint behind the service.
  public struct Endpoint: Sendable {
    /// The protocol and the port of the endpoint.
    public let traffic: TrafficReference
    /// The explanation of the connection to it, as `Answer.connection` has them.
    public let explanations: [Explanation]
    /// The verdict about it.
    public var verdict: Answer.Verdict { Answer.verdict(explanations) }
  }

  /// The sender, as it was named.
  public let source: String
  /// The service, `namespace/name`.
  public let service: String
  /// The protocol and port of the service.
  public let traffic: TrafficReference
  /// Each endpoint with the sender: denied ones first, then by name.
  public let endpoints: [Endpoint]
  /// Endpoints without an explanation, and the reasons.
  public let remarks: [String]

  /// Allowed where all endpoints are: the one that a packet is rewritten to is not known before.
  public var verdict: Answer.Verdict {
    if endpoints.contains(where: { $0.verdict == .denied }) { return .denied }
    return endpoints.allSatisfy { $0.verdict == .allowed } ? .allowed : .dependsOnAddress
  }
}
