import Addresses

/// The API server's wording of defects.
enum Messages {
  /// The protocols that a port can have.
  static let protocols = ["SCTP", "TCP", "UDP"]

  /// A text in quotes, with control characters and quotes escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7f {
          let digits = String(scalar.value, radix: 16)
          result += "\\x" + (digits.count == 1 ? "0" : "") + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

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
