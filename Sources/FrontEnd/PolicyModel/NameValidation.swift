/// The API server's rules for names, with its own wording. Each function says what is wrong; nothing when all is
/// well.
public enum NameValidation {
  /// A name of RFC 1123's labels, as namespaces have: up to 63 of `a-z`, `0-9` and `-`.
  public static func dnsLabel(_ name: String) -> [String] {
    var faults: [String] = []
    if name.utf8.count > 63 { faults.append("must be no more than 63 characters") }
    if !isLabel(Array(name.utf8)[...]) {
      faults.append(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
      )
    }
    return faults
  }

  /// A name of such labels with dots between, up to 253 characters, as most objects have.
  public static func dnsSubdomain(_ name: String) -> [String] {
    var faults: [String] = []
    if name.utf8.count > 253 { faults.append("must be no more than 253 characters") }
    if !Array(name.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy(isLabel)
    {
      faults.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
      )
    }
    return faults
  }

  private static func isLabel(_ name: ArraySlice<UInt8>) -> Bool {
    guard let first = name.first, let last = name.last else { return false }
    func isWord(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) }
    return isWord(first) && isWord(last) && name.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
  }
}
