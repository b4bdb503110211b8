import Addresses
import Digest
import Glibc
import JSONText
import KubernetesAPI
import PolicyModel
import Ruleset
import RulesetText
import SystemPackage
import TableLayout

/// The file of the last proved table, which outlives a boot: a line of JSON, then the table as nft text.
struct SavedTable: Sendable {
  /// A saved table.
  struct Content: Sendable {
    let node: String
    /// The boot in which it was saved.
    let boot: String
    let revision: UInt64
    let digest: String
    let table: Table
    /// The node's blocks of pod addresses, as far as they were known.
    let blocks: [CIDR]

    /// The table in which no address of the node's blocks is a pod's, with the guard of unknown pods, whether it had one or not.
    func guarded(_ modes: EnforcementModes) -> Table {
      if IPFamily.allCases.contains(where: { family in
        table.sets.contains { $0.name == SetName.knownPods(family) }
      }) {
        return withoutKnownPods
      }
      if blocks.isEmpty { return table }
      var guarding = modes
      guarding.unknownPodBlocks = blocks
      return TableLayout(guarding).guarding(table, known: [])
    }

    /// The table as if no pod had an address of the node's blocks.
    private var withoutKnownPods: Table {
      var table = table
      let known = Set(IPFamily.allCases.map(SetName.knownPods))
      for place in table.sets.indices where known.contains(table.sets[place].name) {
        table.sets[place].elements = []
      }
      return table
    }

    /// The table in which some addresses neither send nor receive, whatever pods had them.
    func closing(_ closed: Set<IPAddress>) -> Table {
      var table = table
      let unguarded = closed.filter { address in
        !table.sets.contains { $0.name == SetName.knownPods(address.family) }
      }
      if !unguarded.isEmpty {
        var modes = EnforcementModes()
        modes.unknownPodBlocks = unguarded.sorted().map {
          CIDR($0, prefixLength: $0.family == .ipv4 ? 32 : 128)
        }
        table = TableLayout(modes).guarding(table, known: [])
        // The chain that denies is common to both families.
        var names: Set<String> = []
        table.chains.removeAll { !names.insert($0.name).inserted }
      }
      for family in IPFamily.allCases {
        let gone = closed.filter { $0.family == family }.map { Interval($0.bits) }
        for place in table.sets.indices where !gone.isEmpty {
          if table.sets[place].name == SetName.knownPods(family) {
            let keys = Set(gone.map { ElementKey.single($0) })
            table.sets[place].elements.removeAll(where: keys.contains)
          } else if table.sets[place].name == SetName.nodePods(family) {
            let blocks = IntervalSet(table.sets[place].elements.compactMap(\.fields.first) + gone)
            table.sets[place].elements = blocks.intervals.map { .single($0) }
          }
        }
      }
      return table
    }
  }

  let directory: String

  private var path: String { "\(directory)/table" }
  private var ownersPath: String { "\(directory)/owners" }

  /// True where a table was saved, damaged or not.
  var isThere: Bool { access(path, F_OK) == 0 }

  /// The saved table; nil where there is none, or it is damaged.
  func read() -> Content? {
    guard let bytes = try? contents(of: path) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstIndex(of: "\n") else { return nil }
    var scanner = JSONScanner(String(text[..<end]))
    let body = String(text[text.index(after: end)...])
    guard let head = try? scanner.value(), let digest = head["digest"]?.string, digest == SHA256.hex(body),
      let node = head["node"]?.string, let boot = head["boot"]?.string,
      let revision = head["revision"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let table = (try? NFTReader.read(body))?.tables.first
    else { return nil }
    let blocks =
      head["blocks"]?.string?.split(separator: " ").compactMap { try? CIDR.parse(String($0)).block } ?? []
    return Content(
      node: node, boot: boot, revision: revision, digest: digest, table: table, blocks: blocks)
  }

  /// Exchanges the file as a whole.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - node: the node that it is of.
  ///   - boot: the boot of the node.
  ///   - revision: the table's revision.
  ///   - blocks: the node's blocks of pod addresses.
  ///   - pods: the pods that have the table's addresses.
  /// - Returns: the reason why it could not be written; nil where it was.
  func write(
    _ table: Table, node: String, boot: String, revision: UInt64, blocks: [CIDR] = [], pods: [Pod] = []
  ) -> String? {
    let body = NFTPrinter.print(Ruleset([table]))
    var head = JSONWriter()
    head.object { head in
      let blocks = blocks.map(\.description).joined(separator: " ")
      for (key, value) in [
        ("node", node), ("boot", boot), ("digest", SHA256.hex(body)), ("blocks", blocks),
      ] {
        head.key(key)
        head.string(value)
      }
      head.key("revision")
      head.number(revision)
    }
    let line = head.text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
    // The mount's root is there; what is below it is made.
    if let parent = directory.lastIndex(of: "/") { mkdir(String(directory[..<parent]), 0o755) }
    mkdir(directory, 0o700)
    // Owners without their table are owners of none.
    return exchange(ownersPath, Array(AddressOwners(pods).text(ofTable: SHA256.hex(body)).utf8))
      ?? exchange(path, Array("\(line)\n\(body)".utf8))
  }

  /// The pods that had the addresses when a table was saved; nil where that is not known.
  func owners(of table: Content) -> AddressOwners? {
    guard let bytes = try? contents(of: ownersPath) else { return nil }
    return AddressOwners(String(decoding: bytes, as: UTF8.self), ofTable: table.digest)
  }

  /// Writes a file whole, to disk, in the place of another.
  ///
  /// - Returns: the reason why it could not be written; nil where it was.
  private func exchange(_ path: String, _ bytes: [UInt8]) -> String? {
    let new = path + ".new"
    do {
      let file = try FileDescriptor.open(
        FilePath(new), .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow],
        permissions: .ownerReadWrite)
      try file.closeAfter {
        _ = try file.writeAll(bytes)
        if fsync(file.rawValue) != 0 { throw Errno(rawValue: errno) }
      }
      guard rename(new, path) == 0 else { throw Errno(rawValue: errno) }
      return nil
    } catch { return "\(path): \(error)" }
  }

  private func contents(of path: String) throws -> [UInt8] {
    let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .noFollow])
    return try file.closeAfter {
      var bytes: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 1 << 20)
      while true {
        let count = try part.withUnsafeMutableBytes { try file.read(into: $0) }
        if count == 0 { return bytes }
        bytes += part[..<count]
      }
    }
  }
}
