import CBuild
import NFTables
import NodeCompiler

/// The answer to `--version`: what a report of a fault has to name.
enum VersionText {
  /// Three lines: the version, the commit of the sources, the version of libnftables that is loaded.
  static var text: String {
    let commit = String(cString: netpolc_build_commit())
    return """
      netpolc \(ProductVersion.current)
      commit \(commit.isEmpty ? "unknown: built without NETPOLC_COMMIT" : commit)
      libnftables \(LibraryVersion.ask() ?? "of unknown version: it needs CAP_NET_ADMIN or a user namespace")

      """
  }
}
