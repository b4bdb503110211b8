import Addresses

/// The modes as command-line options: the notation in which records and map files keep them.
extension EnforcementModes {
  /// The options that ask for these modes; empty for the plain ones.
  public var options: [String] {
    var words: [String] = []
    if established != .keep { words += ["--established", established.rawValue] }
    if !unknownPodBlocks.isEmpty { words += ["--unknown-pods", "deny"] }
    for block in unknownPodBlocks { words += ["--pod-cidr", block.description] }
    if isAudit { words.append("--audit") }
    if let log {
      let usual = Log()
      words.append("--log-denied")
      if (log.rate, log.unit) != (usual.rate, usual.unit) {
        words += ["--log-rate", "\(log.rate)/\(log.unit.rawValue)"]
      }
      if let group = log.group { words += ["--log-group", "\(group)"] }
    }
    if counts != .denied { words += ["--count", counts.rawValue] }
    if podToNode != .open { words += ["--pod-to-node", podToNode.rawValue] }
    if sourceCheck != .off { words += ["--source-check", sourceCheck.rawValue] }
    if sourceCheck == .pods { words += podInterfaces.flatMap { ["--pod-interface", $0] } }
    if sourceCheck != .off { words += uncheckedSources.flatMap { ["--unchecked-source", $0.description] } }
    return words
  }

  /// Reads such options; nil where they are none that this version writes.
  public init?(options: some Sequence<Substring>) {
    self.init()
    var deniesUnknown = false
    var blocks: [CIDR] = []
    var interfaces: [String] = []
    var unchecked: [IPAddress] = []
    var words = options.makeIterator()
    while let word = words.next() {
      switch word {
      case "--established":
        guard let mode = words.next().flatMap({ Established(rawValue: String($0)) }) else { return nil }
        established = mode
      case "--unknown-pods":
        guard words.next() == "deny" else { return nil }
        deniesUnknown = true
      case "--pod-cidr":
        guard let text = words.next(), let block = try? CIDR.parse(String(text)).block else { return nil }
        blocks.append(block)
      case "--audit": isAudit = true
      case "--log-denied": log = log ?? Log()
      case "--log-rate":
        guard let rate = words.next().flatMap({ Log(rate: $0) }) else { return nil }
        log = Log(rate: rate.rate, unit: rate.unit, group: log?.group)
      case "--log-group":
        guard let group = words.next().flatMap({ UInt16($0) }) else { return nil }
        log = Log(rate: log?.rate ?? Log().rate, unit: log?.unit ?? .second, group: group)
      case "--count":
        guard let mode = words.next().flatMap({ Counts(rawValue: String($0)) }) else { return nil }
        counts = mode
      case "--pod-to-node":
        guard let mode = words.next().flatMap({ PodToNode(rawValue: String($0)) }) else { return nil }
        podToNode = mode
      case "--source-check":
        guard let mode = words.next().flatMap({ SourceCheck(rawValue: String($0)) }) else { return nil }
        sourceCheck = mode
      case "--pod-interface":
        guard let name = words.next(), Self.isInterface(name) else { return nil }
        interfaces.append(String(name))
      case "--unchecked-source":
        guard let address = words.next().flatMap({ IPAddress(String($0)) }) else { return nil }
        unchecked.append(address)
      default: return nil
      }
    }
    guard deniesUnknown != blocks.isEmpty else { return nil }
    unknownPodBlocks = blocks
    guard sourceCheck == .pods || interfaces.isEmpty, sourceCheck != .off || unchecked.isEmpty else {
      return nil
    }
    podInterfaces = interfaces
    uncheckedSources = unchecked
  }
}

extension EnforcementModes {
  /// True where a text can be the name of a network interface, or names with a `*` behind their beginning: 1 to 15 bytes
  /// that are printable, and neither blank nor `/`, `"` nor a backslash.
  public static func isInterface(_ text: some StringProtocol) -> Bool {
    let name = text.last == "*" ? text.dropLast() : text[...]
    return (1...15).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && !#"/"*\:"#.utf8.contains($0) }
  }
}

extension EnforcementModes.Log {
  /// Reads a rate as nft writes it, such as `10/second`: 1 to 1,000,000 lines per unit; nil for anything else.
  public init?(rate text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let rate = UInt64(parts[0]), (1...1_000_000).contains(rate),
      let unit = Unit(rawValue: String(parts[1]))
    else { return nil }
    self.init(rate: rate, unit: unit)
  }
}
