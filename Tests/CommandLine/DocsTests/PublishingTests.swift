import Foundation
import TestSupport
import Testing

/// The files and refusals of `.ci/release`, in a repository of its own with the files that it reads.
@Suite("a release", .bounded, .onOwnThread)
struct PublishingTests {
  private static let package = Fixtures.package.path(percentEncoded: false)

  /// A session in which the repository is at `repository`, and `release` is the command.
  private static func session() throws -> DocumentSession {
    var session = try DocumentSession()
    session.add("mkdir -p repository/Sources/Node/NodeCompiler; cd '\(package)'")
    session.add(
      "cp -r .ci docs README.md SECURITY.md LICENSE Package.swift .gitignore \"$HOME/repository/\"; cp Package.resolved \"$HOME/repository/\" 2>/dev/null; cp Sources/Node/NodeCompiler/ProductVersion.swift \"$HOME/repository/Sources/Node/NodeCompiler/\""
    )
    session.add(
      "cd \"$HOME/repository\"; printf '# Changelog\\n\\n## 0.1.0\\n\\nThe first version.\\n' > CHANGELOG.md")
    session.add("git init -q . && git add . && git commit -qm release")
    return session
  }

  private static let setUp = 4

  @Test("is refused where the version, the changelog, the tag or the work tree say something else")
  func refusals() throws {
    var session = try Self.session()
    let steps: [(command: String, status: Int32, says: String)] = [
      (".ci/release --check 0.1.0", 0, ""),
      (".ci/release --check 0.1", 2, "release: '0.1' is no semantic version, such as 1.4.0 or 1.4.0-rc.1"),
      (
        ".ci/release --check v0.1.0", 2,
        "release: 'v0.1.0' is no semantic version, such as 1.4.0 or 1.4.0-rc.1"
      ),
      (
        ".ci/release --check 0.2.0", 2,
        "release: the sources are of version 0.1.0: ProductVersion.swift says it"
      ),
      (
        "echo >> README.md; .ci/release --check 0.1.0", 2,
        "release: the work tree has changes: commit them first"
      ),
      (
        "git commit -qam change; git tag v0.1.0 HEAD~1; .ci/release --check 0.1.0", 2,
        "release: the tag v0.1.0 is at another commit"
      ),
      ("git tag -f v0.1.0 >/dev/null; .ci/release --check 0.1.0", 0, ""),
      (
        "sed -i 's/## 0.1.0/## Unreleased\\n\\n- More.\\n\\n## 0.1.0/' CHANGELOG.md; .ci/release --check 0.1.0",
        2,
        "release: CHANGELOG.md has unreleased changes: they belong under '## 0.1.0' or out of it"
      ),
      (
        "printf '## Unreleased\\n\\n## 0.1.0\\n\\n## 0.0.9\\n\\nOld.\\n' > CHANGELOG.md; .ci/release --check 0.1.0",
        2,
        "release: CHANGELOG.md has nothing under '## 0.1.0'"
      ),
    ]
    for step in steps { session.add(step.command) }
    for (step, answer) in zip(steps, try session.run().dropFirst(Self.setUp)) {
      #expect(answer.status == step.status, "\(step.command): \(answer.lines)")
      #expect(answer.lines.joined(separator: "\n") == step.says, "\(step.command)")
    }
  }

  @Test("a program that cannot start elsewhere is not packaged", .long, .enabled(if: !PackageTests.isRelease))
  func unstartable() throws {
    var session = try Self.session()
    session.add(".ci/deb \(BuiltProgram.netpolc) 2>&1 | tail -1; ls .build/*.deb 2>/dev/null | wc -l")
    let lines = try session.run()[Self.setUp].lines
    #expect(
      lines.first?.contains("cannot start on another machine: no Debian package has lib") == true, "\(lines)")
    #expect(lines.last == "0")
  }

  @Test(
    "an image is one that skopeo and umoci take, the same to the byte each time", .needsProgram("skopeo"),
    .needsProgram("umoci"), .needsRoot)
  func image() throws {
    var session = try Self.session()
    session.add(
      "mkdir -p root/usr/bin root/work && cp /bin/true root/usr/bin/netpolc && chmod 755 root/usr/bin/netpolc"
    )
    session.add("export SOURCE_DATE_EPOCH=1700000000 NETPOLC_COMMIT=0123abc; .ci/image root 0.1.0 first.tar")
    session.add("touch root/usr/bin/netpolc; .ci/image root 0.1.0 second.tar; cmp first.tar second.tar")
    session.add(
      "skopeo inspect --config oci-archive:first.tar | tr -d ' \\n' | grep -o '\"created\":\"[^\"]*\"\\|\"Entrypoint\":\\[[^]]*\\]\\|\"User\":\"[^\"]*\"\\|revision\":\"[^\"]*\"' | sort -u"
    )
    session.add(
      "mkdir layout && tar -xf first.tar -C layout && umoci unpack --image layout:0.1.0 bundle >/dev/null 2>&1"
    )
    session.add(
      "(cd bundle/rootfs && find . -type f -o -type d | sort | tr '\\n' ' '); cmp /bin/true bundle/rootfs/usr/bin/netpolc"
    )
    let answers = try session.run().dropFirst(Self.setUp)
    for answer in answers { #expect(answer.status == 0, "\(answer.lines)") }
    #expect(
      Array(answers)[3].lines == [
        "\"Entrypoint\":[\"/usr/bin/netpolc\"]", "\"User\":\"65534:65534\"",
        "\"created\":\"2023-11-14T22:13:20Z\"",
        "revision\":\"0123abc\"",
      ])
    #expect(Array(answers)[5].lines == [". ./usr ./usr/bin ./usr/bin/netpolc ./work "])
  }

  @Test("the workflow of a tag runs what is here, on both architectures")
  func workflow() throws {
    let text = try String(
      contentsOf: Fixtures.package.appending(path: ".github/workflows/release.yml"), encoding: .utf8)
    for word in [
      "amd64", "arm64", "tags: [\"v*\"]", ".ci/release \"${GITHUB_REF_NAME#v}\"", "sha256sum --check",
    ] {
      #expect(text.contains(word), "\(word)")
    }
    for match in text.matches(of: #/\.ci\/[a-z-]+/#) {
      let path = Fixtures.package.appending(path: String(match.0)).path(percentEncoded: false)
      #expect(FileManager.default.isExecutableFile(atPath: path), "\(match.0)")
    }
  }

  @Test(
    "is made whole, twice the same; its tarball, image and list of parts are what they say", .needsRoot,
    .enabled(if: PackageTests.isRelease, "takes minutes: NETPOLC_TEST_RELEASE_PACKAGE=1"))
  func whole() throws {
    // NETPOLC_TEST_PROGRAM is a program that was built for release; else the debug program, which has more libraries.
    let program = ProcessInfo.processInfo.environment["NETPOLC_TEST_PROGRAM"] ?? BuiltProgram.netpolc
    var session = try Self.session()
    session.add(
      "export NETPOLC_PACKAGE_ANYWAY=1; .ci/release 0.1.0 '\(program)' > ../log 2>&1 || { cat ../log; false; }"
    )
    session.add(
      "cp -r .build/release-0.1.0 ../first; .ci/release 0.1.0 '\(program)' > ../log 2>&1; true")
    session.add(
      "git status --porcelain | tr '\\n' ' '; cd ../first; sha256sum --quiet --check SHA256SUMS; ls | tr '\\n' ' '; echo; cat notes.md"
    )
    session.add("mkdir bare && tar -xzf *.tar.gz -C bare --strip-components=1")
    // Nothing but libc beside it.
    session.add(
      "for library in $(ldd /bin/true $(dpkg -L libc6 | grep -E '/lib(m|dl|pthread|resolv|rt)\\.so') | grep -o '/[^ ):]*' | sort -u); do mkdir -p bare$(dirname $library); cp -L $library bare$library; done"
    )
    session.add(
      "mkdir -p bare/dev bare/proc && mount -t proc proc bare/proc && touch bare/dev/null && mount --bind /dev/null bare/dev/null"
    )
    session.add("cp -r ../Fixtures/guide bare/guide")
    session.add(
      "chroot bare /bin/netpolc --version; chroot bare /bin/netpolc compile /guide/01-sample /guide/inventory.yaml -o /out.nft; s=$?; grep -c . bare/out.nft; umount bare/proc bare/dev/null; (exit $s)"
    )
    session.add("skopeo inspect oci-archive:$(ls *.oci.tar) | grep -c sha256")
    session.add(
      "grep -o '\"name\": \"\\(libnftables1\\|swift-argument-parser\\|git\\|netpolc\\|swift\\)\"' *.spdx.json | sort"
    )
    session.add(
      "cd .. && diff -r first/ repository/.build/release-0.1.0/ | grep -v '^Only in first/: \\(bare\\)'")
    let answers = Array(try session.run().dropFirst(Self.setUp))
    for (number, answer) in answers.enumerated().dropLast() {
      #expect(answer.status == 0, "command \(number): \(answer.lines)")
    }
    #expect(answers[9].lines.count == 5, "\(answers[9].lines)")
    #expect(answers[10].lines.isEmpty, "\(answers[10].lines)")
    #expect(answers[2].lines.last == "The first version.", "\(answers[2].lines)")
  }
}
