import Foundation

extension FuzzTarget {
  /// Whole inputs, as files below the repository's `Fixtures`: its own folder below `fuzz`, which also keeps what once
  /// broke something, and what other tests have of the same format.
  public func corpus(in fixtures: String) -> [String] {
    let (folders, suffixes): ([String], [String]) =
      switch self {
      case .yamlManifests: (["guide", "semantics", "scenarios", "diagnostics", "review"], ["yaml"])
      case .nftText: (["nft-list", "scenarios", "guide"], ["nft"])
      case .nftJSON: (["nft-list"], ["json"])
      case .expectations: (["assert"], ["yaml", "json"])
      case .jsonManifests, .mapFile, .stateFile, .confirmationFiles: ([], [])
      }
    let others = folders.flatMap { FuzzCorpus.files(["\(fixtures)/\($0)"]) }.filter { path in
      suffixes.contains { path.hasSuffix(".\($0)") }
    }
    // A target that nothing was found with has no folder.
    let own = "\(fixtures)/fuzz/\(rawValue)"
    return (FileManager.default.fileExists(atPath: own) ? FuzzCorpus.files([own]) : []) + others
  }
}

/// Whole inputs of a target: what damaged ones are made of, and what once broke something.
public enum FuzzCorpus {
  /// Every file of folders, and files named by themselves, in the order of their paths.
  public static func files(_ paths: [String]) -> [String] {
    paths.flatMap { path -> [String] in
      guard isFolder(path) else { return [path] }
      return (FileManager.default.subpaths(atPath: path) ?? []).map { "\(path)/\($0)" }.filter {
        !isFolder($0)
      }
    }.sorted()
  }

  /// The bytes of files.
  ///
  /// - Throws: what Foundation throws for what cannot be read.
  public static func read(_ files: [String]) throws -> [[UInt8]] {
    try files.map { try read($0) }
  }

  /// The bytes of a file.
  ///
  /// - Throws: what Foundation throws for what cannot be read.
  public static func read(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
