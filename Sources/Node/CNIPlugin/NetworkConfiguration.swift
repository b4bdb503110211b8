import JSONText

/// The configuration that a runtime gives to a chained plugin on standard input.
struct NetworkConfiguration: Sendable {
  /// Versions of the specification that are understood.
  static let versions = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
  /// Where the agent listens, unless the configuration says otherwise.
  static let standardSocket = "/run/netpolc/cni.sock"

  /// `cniVersion`; the first version where it is missing.
  private(set) var version = "0.1.0"
  /// The path of the agent's socket: `socket`.
  private(set) var socket = standardSocket
  /// `openOnFailure`: a pod starts also where the agent cannot be asked.
  private(set) var opensOnFailure = false
  /// The result of the plugins before, as it was written; nil where there is none.
  private(set) var result: String?
  /// The addresses of the result, without their prefix lengths.
  private(set) var addresses: [String] = []
  /// `cni.dev/valid-attachments`: container and interface; nil where there are none.
  private(set) var attachments: [[String]]?

  /// The version that a damaged configuration names, for the error's text.
  static let fallbackVersion = "1.0.0"

  /// Reads a configuration.
  ///
  /// - Throws: `CNIFailure` where it is no JSON, or its members are of wrong types.
  init(_ text: String) throws(CNIFailure) {
    do throws(JSONFailure) { try read(text) } catch {
      throw CNIFailure(.undecodable, "the network configuration cannot be read: \(error.message)")
    }
  }

  private mutating func read(_ text: String) throws(JSONFailure) {
    var scanner = JSONScanner(text)
    var first = true
    try scanner.openObject()
    while let key = try scanner.nextKey(first: &first) {
      switch key {
      case "cniVersion": version = try scanner.string()
      case "socket": socket = try scanner.string()
      case "openOnFailure": opensOnFailure = try scanner.bool()
      case "prevResult":
        if try scanner.kind() == .null {
          try scanner.null()
        } else {
          let start = try scanner.skip()
          result = scanner.text(start)
          addresses = try Self.addresses(in: scanner.text(start))
        }
      case "cni.dev/valid-attachments":
        attachments = Self.attachments(in: try scanner.value())
      default: try scanner.skip()
      }
    }
    try scanner.expectEnd()
  }

  /// The attachments of a list; nil for what is no list of them, so that nothing is taken for gone. A list that is null is what
  /// libcni writes where no attachment is left.
  private static func attachments(in value: JSONValue) -> [[String]]? {
    if value == .null { return [] }
    guard let entries = value.array else { return nil }
    let read = entries.compactMap { entry in
      entry["containerID"]?.string.map { [$0, entry["ifname"]?.string ?? ""] }
    }
    return read.count == entries.count ? read : nil
  }

  private static func addresses(in result: String) throws(JSONFailure) -> [String] {
    var scanner = JSONScanner(result)
    var addresses: [String] = []
    var first = true
    try scanner.openObject()
    while let key = try scanner.nextKey(first: &first) {
      guard key == "ips", try scanner.kind() == .array else {
        try scanner.skip()
        continue
      }
      for address in try scanner.value().array ?? [] {
        guard let text = address["address"]?.string else { continue }
        addresses.append(String(text.prefix { $0 != "/" }))
      }
    }
    return addresses
  }
}
