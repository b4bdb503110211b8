/// The transport protocols that a policy can name (`corev1.Protocol`).
public enum TransportProtocol: String, Sendable, Hashable, CaseIterable, Comparable {
  /// TCP, protocol number 6; what an absent `protocol` means.
  case tcp = "TCP"
  /// UDP, protocol number 17.
  case udp = "UDP"
  /// SCTP, protocol number 132.
  case sctp = "SCTP"

  /// The number in the IP header.
  public var number: UInt8 {
    switch self {
    case .tcp: 6
    case .udp: 17
    case .sctp: 132
    }
  }

  /// By number in the IP header.
  public static func < (left: TransportProtocol, right: TransportProtocol) -> Bool {
    left.number < right.number
  }
}
