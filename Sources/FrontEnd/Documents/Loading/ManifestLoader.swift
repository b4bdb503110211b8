public import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds and loads what the command line's paths name: files, directories, standard input, and paths of a git
/// revision.
public struct ManifestLoader: Sendable {
  /// The directory that relative paths, and git, start from.
  public let workingDirectory: String

  /// The files of directories that are left out.
  public let exclusions: PathExclusions

  /// Creates a loader.
  public init(workingDirectory: String = ".", excluding exclusions: PathExclusions = PathExclusions()) {
    (self.workingDirectory, self.exclusions) = (workingDirectory, exclusions)
  }

  /// The name of the file of settings, which no directory's manifests include.
  public static let settingsFile = ".netpolc.yaml"

  /// Loads the sources of some paths.
  ///
  /// - Parameter paths: each a file; a directory, of which every `*.yaml`, `*.yml` and `*.json` below is taken,
  ///   each directory in the order of its names' bytes; `-`, standard input; or `REV:PATH` of the git repository around the
  ///   working directory, unless a file has that very name.
  /// - Returns: the sources in the order named, each file once; and an error for each path that gives none.
  public func load(_ paths: [String]) -> (sources: [ManifestSource], diagnostics: [Diagnostic]) {
    let loaded = loadTree(paths)
    return (loaded.sources, loaded.diagnostics)
  }

  /// Looks for patterns of the command line that are of no use. A pattern with `!` leaves out nothing by its meaning.
  ///
  /// - Parameter matched: `LoadedManifests.matched` of everything that was loaded, together.
  /// - Returns: a warning for each pattern that left out no file of any of the paths.
  public func exclusionsWithoutFile(_ matched: Set<PathPattern>) -> [Diagnostic] {
    exclusions.rules.filter {
      $0.countsFromRoots && !$0.pattern.isException && !matched.contains($0.pattern)
    }.map {
      Diagnostic(
        .warning, id: "exclusion-without-file", at: nil,
        "the pattern \"\($0.pattern.text)\" excludes no file of the directories that are named")
    }
  }

  /// Loads the sources of some paths, as `load` does, and says what of their directories was left out. What is left out is
  /// among the findings too.
  public func loadTree(_ paths: [String]) -> LoadedManifests {
    var loading = Loading()
    for path in paths { load(path, &loading) }
    let tree = ManifestTree(loading.sources)
    var leftOut = loading.leftOut
    leftOut.append(tree.leftOut)
    return LoadedManifests(
      sources: tree.sources, diagnostics: loading.diagnostics + leftOut.diagnostics, leftOut: leftOut,
      matched: loading.matched)
  }

  /// The marks of the files that `load` would read, as the file system keeps them: no content is read.
  ///
  /// - Parameter paths: as for `load`.
  /// - Returns: two equal stamps mean equal files, unless a file's times were set back and
  ///   kept its size, or a path is of a git revision or standard input.
  public func stamp(_ paths: [String]) -> ManifestStamp {
    var loading = Loading(isReading: false)
    for path in paths { load(path, &loading) }
    return loading.stamp
  }

  /// True where a file of a directory is taken for a manifest.
  static func isManifest(_ path: String) -> Bool {
    path.hasSuffix(".yaml") || path.hasSuffix(".yml") || path.hasSuffix(".json")
  }

  /// A file's identity.
  private struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
    }
  }

  private struct Loading {
    var isReading = true
    var stamp = ManifestStamp()
    var sources: [ManifestSource] = []
    var diagnostics: [Diagnostic] = []
    var seen: Set<Identity> = []
    var directories: Set<Identity> = []
    var standardInputIsRead = false
    var leftOut = LeftOut()
    /// The patterns that left out a file.
    var matched: Set<PathPattern> = []

    mutating func fail(_ name: String, _ id: String, _ message: String) {
      diagnostics.append(Diagnostic(.error, id: id, at: nil, "\(name): \(message)"))
    }
  }

  private func load(_ path: String, _ loading: inout Loading) {
    if path == "-" {
      loadStandardInput(&loading)
      return
    }
    guard !path.isEmpty, !path.contains("\0") else {
      loading.fail(path, "unreadable", "is not a path")
      return
    }
    var status = stat()
    if stat(resolved(path), &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        loadFile(path, status, isPartOfDirectory: false, &loading)
        return
      }
      // Named twice, or below one named before: its content was reported then.
      if loading.directories.contains(Identity(status)) { return }
      let before = loading.sources.count + loading.diagnostics.count + loading.seen.count
      let found = loadDirectory(path, status, in: path, &loading)
      if !found, loading.sources.count + loading.diagnostics.count + loading.seen.count == before {
        loading.fail(path, "no-manifests", "the directory holds no *.yaml, *.yml or *.json file")
      }
      return
    }
    let fault = errno
    if [ENOENT, ENOTDIR, ENAMETOOLONG].contains(fault),
      let revision = GitRevision(path, directory: workingDirectory)
    {
      loadRevision(revision, &loading)
    } else {
      loading.fail(path, "unreadable", String(cString: strerror(fault)))
    }
  }

  private func resolved(_ path: String) -> String {
    path.hasPrefix("/") || workingDirectory == "." ? path : "\(workingDirectory)/\(path)"
  }

  private static func reason() -> String { String(cString: strerror(errno)) }

  private func loadStandardInput(_ loading: inout Loading) {
    guard !loading.standardInputIsRead else {
      loading.fail("-", "unreadable", "standard input can be read only once")
      return
    }
    loading.standardInputIsRead = true
    guard loading.isReading else {
      loading.stamp.hasOthers = true
      return
    }
    if let bytes = SourceBytes(reading: 0, expecting: 0) {
      loading.sources.append(ManifestSource(name: "<stdin>", bytes: bytes))
    } else {
      loading.fail("<stdin>", "unreadable", Self.reason())
    }
  }

  private func loadFile(
    _ path: String, _ status: stat, isPartOfDirectory: Bool, _ loading: inout Loading
  ) {
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    if isRegular, !loading.seen.insert(Identity(status)).inserted { return }
    guard loading.isReading else {
      loading.stamp.files.append(ManifestStamp.File(path, status))
      return
    }
    let descriptor = open(resolved(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      loading.fail(path, "unreadable", Self.reason())
      return
    }
    defer { close(descriptor) }
    guard let bytes = SourceBytes(reading: descriptor, expecting: isRegular ? Int(status.st_size) : 0) else {
      loading.fail(path, "unreadable", Self.reason())
      return
    }
    loading.sources.append(ManifestSource(name: path, bytes: bytes, isPartOfDirectory: isPartOfDirectory))
  }

  /// True where any manifest was found below.
  private func loadDirectory(
    _ path: String, _ status: stat, in root: String, _ loading: inout Loading
  ) -> Bool {
    // A symbolic link may lead back here.
    guard loading.directories.insert(Identity(status)).inserted else { return false }
    guard let names = Self.entries(of: resolved(path)) else {
      loading.fail(path, "unreadable", Self.reason())
      return true
    }
    var found = false
    for name in names where name != ".git" && name != Self.settingsFile {
      let entry = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      var status = stat()
      guard stat(resolved(entry), &status) == 0 else {
        if Self.isManifest(name) {
          loading.fail(entry, "unreadable", Self.reason())
          found = true
        }
        continue
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        found = loadDirectory(entry, status, in: root, &loading) || found
      } else if Self.isManifest(name), status.st_mode & S_IFMT == S_IFREG {
        if leavesOut(entry, in: root, &loading) {
          found = true
          continue
        }
        loadFile(entry, status, isPartOfDirectory: true, &loading)
        found = true
      }
    }
    return found
  }

  /// True where a pattern excludes a file, which is noted.
  private func leavesOut(_ name: String, in root: String, _ loading: inout Loading) -> Bool {
    guard let pattern = exclusions.pattern(excluding: name, in: root) else { return false }
    loading.matched.insert(pattern)
    loading.leftOut.add(name, .excluded(pattern: pattern.text))
    return true
  }

  /// The names in a directory, by their bytes; nil when it cannot be read.
  private static func entries(of path: String) -> [String]? {
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func loadRevision(_ revision: GitRevision, _ loading: inout Loading) {
    guard loading.isReading else {
      loading.stamp.hasOthers = true
      return
    }
    do {
      let content = try revision.content()
      let files = content.files
      for submodule in content.submodules {
        loading.leftOut.add(
          submodule.name, .submodule(directory: submodule.name), digest: submodule.commit.hashValue)
      }
      if files.isEmpty, content.submodules.isEmpty {
        loading.fail(revision.name, "no-manifests", "the directory holds no *.yaml, *.yml or *.json file")
      }
      for file in files where !(file.isPartOfDirectory && leavesOut(file.name, in: revision.name, &loading)) {
        loading.sources.append(
          ManifestSource(name: file.name, bytes: file.bytes, isPartOfDirectory: file.isPartOfDirectory))
      }
    } catch {
      loading.fail(revision.name, "unreadable", error.message)
    }
  }
}
