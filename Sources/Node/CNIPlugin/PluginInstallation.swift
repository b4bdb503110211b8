#if canImport(Glibc)
  import Glibc
#endif
import JSONText

/// The plugin's place in a node's network configuration: the last of the plugins in the first conflist.
public struct PluginInstallation: Sendable {
  /// The reason why the plugin could not be installed or taken out.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// A clause: `path: what is wrong`.
    public let description: String
  }

  /// The type by which a runtime finds the plugin.
  public static let type = "netpolc-cni"
  /// The entry in a conflist.
  static let entry = #"{"type":"netpolc-cni"}"#

  /// Where the runtime looks for plugins.
  public let binaries: String
  /// Where the runtime looks for configurations.
  public let configurations: String

  /// An installation, by default at the places that container runtimes use.
  public init(binaries: String = "/opt/cni/bin", configurations: String = "/etc/cni/net.d") {
    self.binaries = binaries
    self.configurations = configurations
  }

  /// Copies the program, and enters the plugin at the end of the configuration that the runtime takes.
  ///
  /// - Parameter program: the plugin's program.
  /// - Returns: the configuration's path; nil where it had the plugin already.
  /// - Throws: `Failure`.
  public func install(_ program: String) throws(Failure) -> String? {
    let bytes = try Files.read(program)
    if (try? Files.read("\(binaries)/\(Self.type)")) != bytes {
      try Files.exchange("\(binaries)/\(Self.type)", bytes, mode: 0o755)
    }
    guard let name = try names().first else {
      throw Failure(description: "\(configurations): there is no network configuration yet")
    }
    let path = "\(configurations)/\(name)"
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    let isList = name.hasSuffix(".conflist")
    guard let changed = try Self.adding(to: text, isList: isList, path: path) else { return nil }
    guard !isList else {
      try Files.exchange(path, Array(changed.utf8), mode: Files.mode(of: path))
      return path
    }
    // A lone configuration becomes a list of the same place in the order; the former file stays beside it.
    let list = "\(configurations)/\(name.prefix { $0 != "." })" + ".conflist"
    try Files.exchange(list, Array(changed.utf8), mode: Files.mode(of: path))
    guard rename(path, path + ".before-netpolc") == 0 else { throw Files.failure(path) }
    return list
  }

  /// Takes the plugin out of all configurations, then removes the program.
  ///
  /// - Returns: the configurations that were changed.
  /// - Throws: `Failure`.
  public func remove() throws(Failure) -> [String] {
    var changed: [String] = []
    for name in try names() where name.hasSuffix(".conflist") {
      let path = "\(configurations)/\(name)"
      let text = String(decoding: try Files.read(path), as: UTF8.self)
      guard let without = try Self.removing(from: text, path: path) else { continue }
      try Files.exchange(path, Array(without.utf8), mode: Files.mode(of: path))
      changed.append(path)
    }
    unlink("\(binaries)/\(Self.type)")
    return changed
  }

  /// The configurations as a runtime sorts them; it takes the first.
  private func names() throws(Failure) -> [String] {
    guard let directory = opendir(configurations) else { throw Files.failure(configurations) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if [".conflist", ".conf", ".json"].contains(where: name.hasSuffix), !name.hasPrefix(".") {
        names.append(name)
      }
    }
    return names.sorted()
  }

  // MARK: Texts

  /// The configuration with the plugin as its last; nil where it is that already.
  static func adding(to text: String, isList: Bool, path: String) throws(Failure) -> String? {
    guard isList else {
      let (version, name) = try lone(text, path)
      let trimmed = text.split(whereSeparator: \.isNewline).joined(separator: "\n")
      return
        "{\"cniVersion\":\(quoted(version)),\"name\":\(quoted(name)),\"plugins\":[\(trimmed),\(entry)]}\n"
    }
    guard let (plugins, types) = try list(text, path) else {
      throw Failure(description: "\(path): it has no plugins")
    }
    if types.last?.type == type { return nil }
    var bytes = Array(text.utf8)
    // From behind, so that places before stay right.
    let last = types.last?.range.upperBound ?? plugins.lowerBound + 1
    bytes.insert(contentsOf: Array(((types.isEmpty ? "" : ",") + entry).utf8), at: last)
    for place in types.indices.reversed() where types[place].type == type { cut(place, types, &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The configuration without the plugin; nil where it has none.
  static func removing(from text: String, path: String) throws(Failure) -> String? {
    guard let (_, types) = try list(text, path), types.contains(where: { $0.type == type }) else {
      return nil
    }
    var bytes = Array(text.utf8)
    for place in types.indices.reversed() where types[place].type == type { cut(place, types, &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private typealias Plugin = (type: String, range: Range<Int>)

  /// Cuts a plugin out together with the comma before it, or behind it where it is the first.
  private static func cut(_ place: Int, _ plugins: [Plugin], _ bytes: inout [UInt8]) {
    let own = plugins[place].range
    let start = place > 0 ? plugins[place - 1].range.upperBound : own.lowerBound
    var end = own.upperBound
    if place == 0 {
      while end < bytes.count, [0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ",")].contains(bytes[end]) { end += 1 }
    }
    bytes.removeSubrange(start..<end)
  }

  private static func list(_ text: String, _ path: String) throws(Failure) -> (plugins: Range<Int>, [Plugin])?
  {
    do throws(JSONFailure) {
      var scanner = JSONScanner(text)
      var first = true
      try scanner.openObject()
      while let key = try scanner.nextKey(first: &first) {
        guard key == "plugins" else {
          try scanner.skip()
          continue
        }
        _ = try scanner.kind()
        let start = scanner.offset
        var plugins: [Plugin] = []
        var isFirst = true
        try scanner.openArray()
        while try scanner.nextItem(first: &isFirst) {
          let range = try scanner.skip()
          plugins.append((try Self.type(of: scanner.text(range)), range))
        }
        return (start..<scanner.offset, plugins)
      }
      return nil
    } catch { throw Failure(description: "\(path): it cannot be read: \(error.message)") }
  }

  private static func type(of plugin: String) throws(JSONFailure) -> String {
    var scanner = JSONScanner(plugin)
    var first = true
    try scanner.openObject()
    while let key = try scanner.nextKey(first: &first) {
      if key == "type" { return try scanner.string() }
      try scanner.skip()
    }
    return ""
  }

  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.string(text)
    return writer.text
  }

  /// The version and name of a configuration of one plugin.
  ///
  /// - Throws: `Failure`, also for one without a plugin: no runtime takes it, and as a part of a list it would spoil that.
  private static func lone(_ text: String, _ path: String) throws(Failure) -> (version: String, name: String)
  {
    let type: String
    do throws(JSONFailure) { type = try Self.type(of: text) } catch {
      throw Failure(description: "\(path): it cannot be read: \(error.message)")
    }
    guard !type.isEmpty else { throw Failure(description: "\(path): it has no type, so it is no plugin") }
    do throws(JSONFailure) {
      var scanner = JSONScanner(text)
      var (version, name) = ("0.3.1", "netpolc")
      var first = true
      try scanner.openObject()
      while let key = try scanner.nextKey(first: &first) {
        switch key {
        case "cniVersion": version = try scanner.string()
        case "name": name = try scanner.string()
        default: try scanner.skip()
        }
      }
      return (version, name)
    } catch { throw Failure(description: "\(path): it cannot be read: \(error.message)") }
  }
}

/// Small files, read and exchanged as a whole.
private enum Files {
  static func failure(_ path: String) -> PluginInstallation.Failure {
    .init(description: "\(path): \(String(cString: strerror(errno)))")
  }

  /// The permissions of a file, which the one in its place is to have; those of the owner alone where they are not known.
  static func mode(of path: String) -> mode_t {
    var facts = stat()
    return stat(path, &facts) == 0 ? facts.st_mode & 0o777 : 0o600
  }

  static func read(_ path: String) throws(PluginInstallation.Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let got = Glibc.read(descriptor, &part, part.count)
      guard got >= 0 else { throw failure(path) }
      if got == 0 { return bytes }
      bytes += part[..<got]
    }
  }

  /// Writes a new file and puts it in the place of the old one.
  static func exchange(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(PluginInstallation.Failure) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let new = "\(path[..<slash])/.\(path[slash...].dropFirst()).netpolc"
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(new) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else {
        close(descriptor)
        throw failure(new)
      }
      rest = rest.dropFirst(written)
    }
    fchmod(descriptor, mode)
    fsync(descriptor)
    close(descriptor)
    guard rename(new, path) == 0 else { throw failure(path) }
  }
}
