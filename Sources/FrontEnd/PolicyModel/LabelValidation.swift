/// The API server's rules for labels, with its own wording. Each function says what is wrong; nothing when all is
/// well.
public enum LabelValidation {
  /// A key: up to 63 characters, with an optional DNS subdomain and a slash before.
  public static func key(_ key: String) -> [String] {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    let name: Substring
    var faults: [String] = []
    switch parts.count {
    case 1: name = parts[0]
    case 2:
      name = parts[1]
      if parts[0].isEmpty {
        faults.append("prefix part must be non-empty")
      } else {
        faults += NameValidation.dnsSubdomain(String(parts[0])).map { "prefix part \($0)" }
      }
    default:
      return [
        "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
      ]
    }
    if name.isEmpty {
      faults.append("name part must be non-empty")
    } else if name.utf8.count > 63 {
      faults.append("name part must be no more than 63 characters")
    }
    if !isQualified(name) {
      faults.append(
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
      )
    }
    return faults
  }

  /// A value: empty, or up to 63 characters.
  public static func value(_ value: String) -> [String] {
    var faults: [String] = []
    if value.utf8.count > 63 { faults.append("must be no more than 63 characters") }
    if !value.isEmpty, !isQualified(value[...]) {
      faults.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
      )
    }
    return faults
  }

  private static func isQualified(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    func isWord(_ byte: UInt8) -> Bool {
      (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }
    return isWord(first) && isWord(last)
      && text.utf8.allSatisfy { isWord($0) || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e }
  }
}
