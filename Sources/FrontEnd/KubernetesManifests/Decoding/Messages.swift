import Addresses
import Wording

/// The API server's wording of defects.
enum Messages {
  /// The protocols that a port can have.
  static let protocols = ["SCTP", "TCP", "UDP"]

  /// A text in quotes, with hidden characters and quotes escaped.
  static func quoted(_ text: String) -> String { ForeignText(text).quoted }

  /// `Invalid value: "X": …`
  static func invalid(_ text: String, _ fault: String) -> String {
    "Invalid value: \(quoted(text)): \(fault)"
  }

  /// `Unsupported value: "X": supported values: …`
  static func unsupported(_ text: String, _ supported: [String]) -> String {
    "Unsupported value: \(quoted(text)): supported values: \(supported.map(quoted).joined(separator: ", "))"
  }

  /// The defect of a block of addresses.
  static func cidr(_ text: String, _ fault: CIDR.Fault) -> String {
    switch fault {
    case .malformed: invalid(text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
    case .leadingZeros: invalid(text, "must not have leading 0s in IP or prefix length")
    case .ipv4Mapped: invalid(text, "must not be an IPv4-mapped IPv6 address")
    }
  }
}
