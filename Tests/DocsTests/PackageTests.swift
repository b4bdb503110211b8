import Foundation
import TestSupport
import Testing

/// The Debian package, made by `.ci/deb` of the debug program: the same files as of the release program, without the
/// minutes of building that. `NETPOLC_TEST_RELEASE_PACKAGE=1` takes the time.
@Suite("the Debian package", .enabled(if: DocumentSession.isRoot, "needs root: dpkg unpacks files of root"))
struct PackageTests {
  @Test("is built, installed into a root of its own, and removed without a trace")
  func wholeLife() throws {
    let isRelease = ProcessInfo.processInfo.environment["NETPOLC_TEST_RELEASE_PACKAGE"] == "1"
    var session = try DocumentSession()
    let repository = Fixtures.package.path(percentEncoded: false)
    let program = isRelease ? "" : BuiltProgram.netpolc
    session.add(
      "package=$(cd '\(repository)' && .ci/deb \(program) 2>build.log) && mv '\(repository)/'\"$package\" netpolc.deb"
    )
    session.add("rm -f '\(repository)/build.log'")
    session.add("dpkg-deb --field netpolc.deb Package Depends")
    session.add(
      "dpkg-deb --contents netpolc.deb | awk '{ print $1, $2, $6 }' | grep -v '/$' | grep -v /docs/")
    // An empty root with a database of its own: its dependencies are the host's, so they are not asked for.
    session.add(
      "mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates root/var/lib/dpkg/triggers && touch root/var/lib/dpkg/status root/var/lib/dpkg/available"
    )
    session.add("find root | sort > before")
    let dpkg =
      "dpkg --root=$PWD/root --force-depends --force-not-root --force-script-chrootless --log=dpkg.log"
    session.add("\(dpkg) --install netpolc.deb >install.log 2>&1")
    session.add("root/usr/bin/netpolc --version")
    session.add(
      "root/usr/bin/netpolc compile Fixtures/guide/01-sample Fixtures/guide/inventory.yaml 2>/dev/null | wc -l | awk '{ print ($1 > 50) }'"
    )
    session.add(
      "for page in root/usr/share/man/man8/*.gz; do zcat $page | groff -man -Tutf8 -ww 2>&1 >/dev/null; done")
    session.add("bash -n root/usr/share/bash-completion/completions/netpolc")
    session.add("\(dpkg) --purge netpolc >>install.log 2>&1")
    session.add("find root | sort | diff before - | grep -v '/var/lib/dpkg' | grep '^[<>]'; true")
    let answers = try session.run()
    for (number, answer) in answers.enumerated() {
      #expect(answer.status == 0, "command \(number + 1): \(answer.lines)")
    }
    #expect(answers[2].lines.first == "Package: netpolc")
    #expect(answers[2].lines.last?.contains("libnftables1") == true)
    let files = answers[3].lines
    for path in [
      "./usr/bin/netpolc", "./usr/lib/systemd/system/netpolc.service",
      "./usr/lib/systemd/system/netpolc-watch.service", "./etc/default/netpolc",
      "./usr/share/man/man8/netpolc.8.gz", "./usr/share/man/man8/netpolc-compile.8.gz",
      "./usr/share/bash-completion/completions/netpolc", "./usr/share/zsh/vendor-completions/_netpolc",
      "./usr/share/fish/vendor_completions.d/netpolc.fish",
    ] {
      let mode = path == "./usr/bin/netpolc" ? "-rwxr-xr-x" : "-rw-r--r--"
      #expect(files.contains("\(mode) root/root \(path)"), "\(path) of \(files)")
    }
    #expect(answers[8].lines == ["1"])
    #expect(answers[9].lines.isEmpty, "groff: \(answers[9].lines)")
    #expect(answers[12].lines.isEmpty, "left behind: \(answers[12].lines)")
  }

  @Test("the units are some that systemd reads", arguments: ["netpolc.service", "netpolc-watch.service"])
  func unit(name: String) throws {
    var session = try DocumentSession()
    let unit = Fixtures.package.appending(path: ".ci/\(name)").path(percentEncoded: false)
    session.add("sed 's#/usr/bin/netpolc#/bin/true#' '\(unit)' > \(name)")
    session.add(
      "command -v systemd-analyze >/dev/null || exit 0; systemd-analyze verify --man=no ./\(name)")
    for answer in try session.run() { #expect(answer.status == 0, "\(answer.lines)") }
  }
}
