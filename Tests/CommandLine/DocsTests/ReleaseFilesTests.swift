import Foundation
import TestSupport
import Testing

/// Everything that a release publishes, made of the debug program: the same files without the minutes of another build.
@Suite("a release", .needsRoot, .long, .bounded)
struct ReleaseFilesTests {
  private static let hasImageTools = ["skopeo", "umoci"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
  }

  private func shell(_ script: String, in folder: TemporaryFolder) throws -> CommandRun {
    try CommandRun(
      "/bin/sh", ["-euc", "export NETPOLC_OUTPUT=\(folder.path("")) NETPOLC_DIRTY=1\n" + script])
  }

  @Test("a program that would not start on another machine is not packaged")
  func refused() throws {
    let folder = try TemporaryFolder()
    let run = try shell(".ci/deb \(BuiltProgram.netpolc)", in: folder)
    #expect(run.status == 1)
    #expect(run.errors.contains("would not start on another machine"), "\(run.errors)")
    #expect(run.errors.contains("libswiftCore.so"), "\(run.errors)")
    #expect(folder.files == [])
  }

  @Test("has a tarball, a package, an image, the list of parts and checksums that fit")
  func files() throws {
    let folder = try TemporaryFolder()
    let run = try shell("NETPOLC_DEB_ANY=1 .ci/release \(BuiltProgram.netpolc)", in: folder)
    try #require(run.status == 0, "\(run.errors)")
    let listing = try shell(
      """
      cd $NETPOLC_OUTPUT/release-files
      ls | sed 's/[0-9]*[.][0-9]*[.][0-9]*/V/; s/amd64/A/; s/arm64/A/'
      sha256sum --check --quiet SHA256SUMS-*
      tar -tzf *.tar.gz | sed 's#^[^/]*/##' | grep -x -e bin/netpolc -e LICENSE -e share/man/man8/netpolc-plan.8.gz \\
        -e lib/systemd/system/netpolc.service -e share/doc/netpolc/README.md
      """, in: folder)
    #expect(
      listing.output == """
        SHA256SUMS-A
        netpolc-V-linux-A.oci.tar
        netpolc-V-linux-A.spdx.json
        netpolc-V-linux-A.tar.gz
        netpolc_V_A.deb
        LICENSE
        bin/netpolc
        lib/systemd/system/netpolc.service
        share/doc/netpolc/README.md
        share/man/man8/netpolc-plan.8.gz

        """, "\(listing.output) \(listing.errors)")
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder.path("release-files")).first {
        $0.hasSuffix(".spdx.json")
      })
    let text = try String(contentsOfFile: folder.path("release-files/\(name)"), encoding: .utf8)
    let parts = try ParsedJSON(parsing: text)
    #expect(parts["spdxVersion"] == .string("SPDX-2.3"))
    guard case .array(let packages) = parts["packages"], case .array(let files) = parts["files"] else {
      Issue.record("\(text)")
      return
    }
    #expect(packages.count >= 7 && files.count == 3)
    #expect(packages.allSatisfy { $0["versionInfo"] != .string("") && $0["versionInfo"] != nil }, "\(text)")
    guard Self.hasImageTools else { return }
    let image = try shell(
      "for image in $NETPOLC_OUTPUT/release-files/*.oci.tar; do .ci/try-image $image netpolc:$(dpkg-deb --field $NETPOLC_OUTPUT/release-files/*.deb Version); done",
      in: folder)
    #expect(image.status == 0, "\(image.errors)")
    #expect(image.output.hasPrefix("netpolc "), "\(image.output)")
  }

  @Test("the version names the commit and the library that is loaded")
  func version() throws {
    let run = try CommandRun.netpolc("--version")
    let lines = run.output.split(separator: "\n")
    try #require(lines.count == 3, "\(run.output)")
    #expect(lines[0].wholeMatch(of: /netpolc \d+\.\d+\.\d+/) != nil)
    #expect(lines[1].hasPrefix("commit "))
    #expect(lines[2].contains("/libnftables.so."))
  }

  @Test("completions complete paths, nodes and lint's rules, in each shell that is installed")
  func completions() throws {
    let run = try CommandRun("/bin/bash", [".ci/try-completions", BuiltProgram.netpolc])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("bash: "))
  }

  @Test("each man page has its whole name, exit status, files, environment and examples")
  func pages() throws {
    let folder = try TemporaryFolder()
    let run = try shell(
      ".ci/manual \(BuiltProgram.netpolc) $NETPOLC_OUTPUT; for page in $NETPOLC_OUTPUT/*.8; do groff -man -Tutf8 -ww $page 2>&1 >/dev/null; done",
      in: folder)
    #expect(run.status == 0 && run.output.isEmpty, "\(run.output) \(run.errors)")
    for command in Help.subcommands() {
      let page = try String(contentsOfFile: folder.path("netpolc-\(command).8"), encoding: .utf8)
      for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "FILES", "ENVIRONMENT", "EXAMPLES"] {
        #expect(page.contains("\n.SH \(section)\n"), "netpolc-\(command): no \(section)")
      }
      let help = try Help.output([command, "--help"])
      let abstract = help.split(separator: "\n\n", maxSplits: 1).first ?? ""
      let words = abstract.dropFirst("OVERVIEW: ".count).split(whereSeparator: \.isWhitespace).joined(
        separator: " ")
      let name = words.hasSuffix(".") ? String(words.dropLast()) : words
      #expect(
        page.replacing("\\-", with: "-").contains("netpolc-\(command) - \(name)\n"), "\(command): \(name)")
    }
  }
}
