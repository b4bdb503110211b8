import TestSupport
import Testing

@testable import NFTables

@Suite("the version of libnftables", .bounded)
struct LibraryVersionTests {
  @Test(
    "is read from its JSON",
    arguments: [
      (#"{"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5"}}]}"#, "1.0.6"),
      (#"{"nftables":[{"metainfo":{"version":"1.1.0-rc.1"}}]}"#, "1.1.0-rc.1"),
      ("", nil), ("{}", nil), (#"{"version": "1.0.6\u001b[31m"}"#, nil),
    ] as [(String, String?)])
  func reading(listing: String, version: String?) {
    #expect(LibraryVersion.version(in: listing) == version)
  }

  @Test("is the one that the library itself prints", .needsRoot)
  func asking() throws {
    let version = try #require(LibraryVersion.ask(executable: BuiltProgram.netpolc))
    let listed = try CommandRun("/usr/bin/unshare", ["--net", "nft", "--json", "list", "tables"]).output
    #expect(listed.contains("\"\(version)\""), "\(version), \(listed)")
  }
}
