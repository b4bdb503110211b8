/// The API server's rules for ports, with its own wording. Each function says what is wrong; nothing when all is
/// well.
public enum PortValidation {
  /// A port number.
  public static func number(_ number: Int) -> [String] {
    (1...65535).contains(number) ? [] : ["must be between 1 and 65535, inclusive"]
  }

  /// A port name: up to 15 of `a-z`, `0-9` and `-`, at least one of them a letter.
  public static func name(_ name: String) -> [String] {
    let bytes = Array(name.utf8)
    var faults: [String] = []
    func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    if bytes.count > 15 { faults.append("must be no more than 15 characters") }
    if bytes.isEmpty || !bytes.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2d }) {
      faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !bytes.contains(where: isLetter) { faults.append("must contain at least one letter (a-z)") }
    if zip(bytes, bytes.dropFirst()).contains(where: { $0 == 0x2d && $1 == 0x2d }) {
      faults.append("must not contain consecutive hyphens")
    }
    if bytes.first == 0x2d || bytes.last == 0x2d { faults.append("must not begin or end with a hyphen") }
    return faults
  }

  /// The end of a range of ports that begins with the number `port`.
  public static func end(_ end: Int, ofRangeFrom port: Int) -> [String] {
    (end < port ? ["must be greater than or equal to `port`"] : []) + number(end)
  }
}
