import Addresses
import Wording

/// An address of an object of the inventory. One that is written wrongly stops no compile: it is read as the address
/// that the kernel will see in packets, where there is one, so that its pod is isolated there, and is left out otherwise.
struct InventoryAddress {
  /// The address; nil where the text is none.
  let address: IPAddress?
  /// The message about a text that the API server would refuse; nil for a good one.
  let fault: String?

  /// Reads a text.
  init(_ text: String) {
    if let address = IPAddress(text) {
      guard address.isIPv4Mapped else {
        (self.address, fault) = (address, nil)
        return
      }
      let meant = address.withoutMapping
      self.address = meant
      fault = Messages.invalid(text, "must not be an IPv4-mapped IPv6 address: it is read as \(meant)")
      return
    }
    let octets = text.split(separator: ".", omittingEmptySubsequences: false).map { octet in
      octet.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8(octet) : nil
    }
    let decimal = octets.count == 4 ? octets.compactMap { $0.map(String.init) } : []
    if decimal.count == 4, let meant = IPAddress(decimal.joined(separator: ".")) {
      address = meant
      fault = Messages.invalid(text, "must not have leading 0s: it is read as \(meant)")
      return
    }
    address = nil
    fault = Messages.invalid(
      text,
      "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff): it is left out, and no policy is enforced at it"
    )
  }
}
