import Diagnostics
import Documents
import ReviewSettings

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files of settings that count for some paths: those of the working directory, or of the top of a revision, and those
/// in the directories that are named.
struct SettingsFiles {
  private(set) var settings = ReviewSettings()
  private(set) var diagnostics: [Diagnostic] = []

  /// Finds and reads the files.
  ///
  /// - Parameter paths: as on the command line.
  init(_ paths: [String]) {
    var seen: Set<String> = []
    // A revision's own file counts, and not the one that is checked out.
    for path in paths.isEmpty ? ["."] : paths where path != "-" {
      let top = Self.revision(path).map { "\($0):" } ?? ""
      for directory in [top, path] where seen.insert(Self.identity(directory)).inserted { read(directory) }
    }
  }

  /// The revision of `REV:PATH`; nil for a path of the file system.
  private static func revision(_ path: String) -> Substring? {
    guard !InputFile(path: path).exists, let colon = path.firstIndex(of: ":"), colon != path.startIndex else {
      return nil
    }
    return path[..<colon]
  }

  /// The same text for a directory however it is written: `HEAD:` and `HEAD:./`, `.` and the whole path.
  private static func identity(_ directory: String) -> String {
    if let revision = revision(directory) {
      let path = directory.dropFirst(revision.count + 1)
      let parts = path.split(separator: "/").filter { $0 != "." }
      return "\(revision):\(parts.joined(separator: "/"))"
    }
    guard let whole = realpath(directory.isEmpty ? "." : directory, nil) else { return directory }
    defer { free(whole) }
    return String(cString: whole)
  }

  private mutating func read(_ directory: String) {
    let separator = directory.isEmpty || directory.hasSuffix(":") || directory.hasSuffix("/") ? "" : "/"
    for name in [ManifestLoader.settingsFile, ".netpolcignore"] {
      let path = directory + separator + name
      if Self.revision(path) == nil, !InputFile(path: path).exists { continue }
      guard let source = ManifestLoader().load([path]).sources.first else { continue }
      if name == ManifestLoader.settingsFile {
        let (settings, found) = SettingsReader.read(source, base: directory)
        self.settings.append(settings)
        diagnostics += found
      } else {
        settings.append(SettingsReader.readIgnoreFile(source, base: directory))
      }
    }
  }
}
