import NodeCompiler

#if os(Linux)
  import LinuxNet
  import NFTables
#endif

/// The words of `--version`: the version alone on the first line, then what the program was built from and runs with.
enum BuildDescription {
  /// `netpolc 0.1.0`, the commit and the library that is loaded.
  static var text: String {
    #if os(Linux)
      let commit = ProcessFacts.buildCommit ?? "unknown (a build that was not made by .ci/release)"
      let library = NFTablesSupport.libraryFile ?? "unknown"
      return "netpolc \(ProductVersion.current)\ncommit \(commit)\nlibnftables \(library)"
    #else
      return "netpolc \(ProductVersion.current)"
    #endif
  }
}
