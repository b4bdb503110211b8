import Diagnostics
import Documents
import ReviewSettings

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
      for directory in [top, path] where seen.insert(directory).inserted { read(directory) }
    }
  }

  /// The revision of `REV:PATH`; nil for a path of the file system.
  private static func revision(_ path: String) -> Substring? {
    guard !InputFile(path: path).exists, let colon = path.firstIndex(of: ":"), colon != path.startIndex else {
      return nil
    }
    return path[..<colon]
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
