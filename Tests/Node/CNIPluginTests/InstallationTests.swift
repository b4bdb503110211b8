import Foundation
import TestSupport
import Testing

@testable import CNIPlugin

@Suite("The plugin's place in a node's configuration", .bounded)
struct InstallationTests {
  private let conflist = """
    {
      "cniVersion": "1.0.0",
      "name": "kindnet",
      "plugins": [
        { "type": "ptp", "ipam": { "type": "host-local" } },
        { "type": "portmap", "capabilities": { "portMappings": true } }
      ]
    }

    """

  private func folders() throws -> (TemporaryFolder, PluginInstallation, String) {
    let folder = try TemporaryFolder()
    for name in ["bin/x", "conf/.x"] { try folder.write(name, "") }
    let program = try folder.write("netpolc-cni", "program")
    return (
      folder, PluginInstallation(binaries: folder.path("bin"), configurations: folder.path("conf")), program
    )
  }

  @Test("the last of the first conflist, once; the rest of the text stays as it is")
  func conflists() throws {
    let (folder, installation, program) = try folders()
    let path = try folder.write("conf/10-kindnet.conflist", conflist)
    chmod(path, 0o640)
    try folder.write("conf/20-other.conflist", conflist)
    #expect(try installation.install(program) == path)
    let expected = conflist.replacing("true } }\n", with: "true } },{\"type\":\"netpolc-cni\"}\n")
    #expect(try text(path) == expected)
    // The file is readable by the same users as before.
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
    #expect(try installation.install(program) == nil)
    #expect(try text(folder.path("conf/20-other.conflist")) == conflist)
    #expect(try text(folder.path("bin/netpolc-cni")) == "program")
    // Somebody rewrote the file, or put a plugin behind.
    try folder.write(
      "conf/10-kindnet.conflist", expected.replacing("cni\"}", with: "cni\"},{\"type\":\"bandwidth\"}"))
    #expect(try installation.install(program) == path)
    #expect(
      try text(path)
        == conflist.replacing(
          "true } }\n", with: "true } },{\"type\":\"bandwidth\"},{\"type\":\"netpolc-cni\"}\n"))
    #expect(try installation.remove() == [path])
    #expect(try text(path) == conflist.replacing("true } }\n", with: "true } },{\"type\":\"bandwidth\"}\n"))
    #expect(folder.files.contains("bin"))
  }

  @Test("a lone conf becomes a conflist in its place")
  func lone() throws {
    let (folder, installation, program) = try folders()
    try folder.write("conf/10-bridge.conf", #"{"cniVersion":"0.4.0","name":"net","type":"bridge"}"# + "\n")
    #expect(try installation.install(program) == folder.path("conf/10-bridge.conflist"))
    #expect(
      try text(folder.path("conf/10-bridge.conflist"))
        == #"{"cniVersion":"0.4.0","name":"net","plugins":[{"cniVersion":"0.4.0","name":"net","type":"bridge"},{"type":"netpolc-cni"}]}"#
        + "\n")
    #expect(try installation.install(program) == nil)
  }

  @Test("a lone conf of any name becomes a conflist that can be read; one without a type is refused")
  func oddLone() throws {
    let name = #"a\"b\\c"#
    let changed = try PluginInstallation.adding(
      to: #"{"cniVersion":"0.4.0","name":"\#(name)","type":"ptp"}"#, isList: false, path: "x")
    let list = try #require(changed)
    #expect(list.contains(#""name":"\#(name)","plugins":[{"cniVersion"#))
    #expect(try PluginInstallation.adding(to: list, isList: true, path: "x") == nil)
    // A list in a file whose ending is not that of lists.
    #expect(throws: PluginInstallation.Failure(description: "x: it has no type, so it is no plugin")) {
      try PluginInstallation.adding(
        to: #"{"name":"n","plugins":[{"type":"ptp"}]}"#, isList: false, path: "x")
    }
  }

  @Test("what cannot be read is not touched")
  func bad() throws {
    let (folder, installation, program) = try folders()
    #expect(throws: PluginInstallation.Failure.self) { try installation.install(program) }
    for text in ["", "{", #"{"plugins":7}"#, #"{"name":"x"}"#] {
      let path = try folder.write("conf/10.conflist", text)
      #expect(throws: PluginInstallation.Failure.self) { try installation.install(program) }
      #expect(try self.text(path) == text)
    }
    let empty = try folder.write("conf/10.conflist", #"{"plugins":[]}"#)
    #expect(try installation.install(program) == empty)
    #expect(try text(empty) == #"{"plugins":[{"type":"netpolc-cni"}]}"#)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
}
