import Foundation
import TestSupport
import Testing

/// The Debian package, made by `.ci/deb` of the debug program: the same files as of the release program, without the
/// minutes of building that. `NETPOLC_TEST_RELEASE_PACKAGE=1` takes the time; `NETPOLC_TEST_PROGRAM` is one that was built
/// before.
@Suite("the Debian package", .serialized, .needsRoot, .long, .bounded, .onOwnThread)
struct PackageTests {
  static let isRelease = ProcessInfo.processInfo.environment["NETPOLC_TEST_RELEASE_PACKAGE"] == "1"

  @Test("is built, installed into a root of its own, and removed without a trace")
  func wholeLife() throws {
    let isRelease = Self.isRelease
    var session = try DocumentSession()
    let repository = Fixtures.package.path(percentEncoded: false)
    let named = ProcessInfo.processInfo.environment["NETPOLC_TEST_PROGRAM"]
    let program = isRelease ? named ?? "" : BuiltProgram.netpolc
    session.add(
      "package=$(out=$PWD; cd '\(repository)' && NETPOLC_PACKAGE_ANYWAY=1 .ci/deb \(program) 2>\"$out/build.log\") && mv '\(repository)/'\"$package\" netpolc.deb"
    )
    session.add("rm -f build.log")
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
    // A key of a real bash: a command, then a value of an option, which the trace of what is run shows.
    session.add(
      "echo \"PS1=; PATH=$PWD/root/usr/bin:\\$PATH; . root/usr/share/bash-completion/completions/netpolc\" > rc"
    )
    session.add("echo 'exec 9>trace; BASH_XTRACEFD=9; PS4=; set -x' >> rc")
    session.add(
      #"{ printf 'netpolc expl\t--help | head -1 > first\n'; sleep 2; printf 'netpolc diff --format mark\t--help > second\n'; sleep 2; printf 'exit\n'; } | script -qec 'bash --noprofile --rcfile rc -i' /dev/null >session.log; cat first; grep -x 'netpolc diff --format markdown --help' trace"#
    )
    // A former version, then an upgrade: an edited setting stays.
    session.add(
      "dpkg-deb -R netpolc.deb apart && sed -i 's/^Version: .*/Version: 0.0.1/' apart/DEBIAN/control && dpkg-deb --root-owner-group -Zgzip -z1 --build apart former.deb >/dev/null"
    )
    session.add(
      "\(dpkg) --force-downgrade --install former.deb >>install.log 2>&1; echo NETPOLC_NODE=a >> root/etc/default/netpolc"
    )
    session.add(
      "\(dpkg) --install netpolc.deb >>install.log 2>&1 && grep -c '^NETPOLC_NODE=a$' root/etc/default/netpolc"
    )
    // One that cannot start is not configured.
    session.add(
      "printf '#!/nowhere\\n' > apart/usr/bin/netpolc; dpkg-deb --root-owner-group -Zgzip -z1 --build apart broken.deb >/dev/null; \(dpkg) --force-downgrade --install broken.deb 2>&1 | grep -x 'netpolc cannot start on this system'"
    )
    session.add("mkdir -p root/var/lib/netpolc/inventory root/var/lib/netpolc/last-proved-1")
    session.add("\(dpkg) --purge netpolc >>install.log 2>&1")
    session.add("find root | sort | diff before - | grep -v '/var/lib/dpkg' | grep '^[<>]'; true")
    let answers = try session.run()
    for (number, answer) in answers.enumerated() {
      #expect(answer.status == 0, "command \(number + 1): \(answer.lines)")
    }
    #expect(answers[2].lines.first == "Package: netpolc")
    // The release program holds the rest.
    let libraries = answers[2].lines.last?.split(separator: ", ").map { $0.split(separator: " ") } ?? []
    let names = libraries.compactMap { $0.first { !$0.hasSuffix(":") } }.map(String.init)
    #expect(
      isRelease ? names == ["libc6", "libnftables1"] : names.contains("libnftables1"), "\(answers[2].lines)")
    let files = answers[3].lines
    for path in [
      "./usr/bin/netpolc", "./usr/lib/systemd/system/netpolc.service",
      "./usr/lib/systemd/system/netpolc-watch.service", "./usr/lib/systemd/system/netpolc-fetch.service",
      "./usr/lib/systemd/system/netpolc-fetch.timer", "./etc/default/netpolc", "./usr/lib/netpolc/load",
      "./usr/lib/netpolc/fetch",
      "./usr/share/man/man8/netpolc.8.gz", "./usr/share/man/man8/netpolc-compile.8.gz",
      "./usr/share/bash-completion/completions/netpolc", "./usr/share/zsh/vendor-completions/_netpolc",
      "./usr/share/fish/vendor_completions.d/netpolc.fish",
    ] {
      let isProgram = path == "./usr/bin/netpolc" || path.hasPrefix("./usr/lib/netpolc/")
      let mode = isProgram ? "-rwxr-xr-x" : "-rw-r--r--"
      #expect(files.contains("\(mode) root/root \(path)"), "\(path) of \(files)")
    }
    #expect(answers[8].lines == ["1"])
    #expect(answers[9].lines.isEmpty, "groff: \(answers[9].lines)")
    #expect(
      answers[12].lines == [
        "OVERVIEW: Show whether a connection is allowed, and why, rule by rule.",
        "netpolc diff --format markdown --help",
      ])
    #expect(answers[15].lines == ["1"])
    #expect(answers[19].lines.isEmpty, "left behind: \(answers[19].lines)")
  }

  @Test(
    "lives in a minimal Debian: apt installs, upgrades and purges it, and nothing is left",
    .enabled(
      if: isRelease && hasBootstrap, "needs NETPOLC_TEST_RELEASE_PACKAGE=1, debootstrap and the network"))
  func minimalDebian() throws {
    let program = ProcessInfo.processInfo.environment["NETPOLC_TEST_PROGRAM"] ?? ""
    let package = try CommandRun("/bin/sh", ["-c", ".ci/deb \(program) 2>/dev/null"])
    #expect(package.status == 0)
    let run = try CommandRun("/bin/sh", ["-c", ".ci/try-package \(package.output)"])
    #expect(run.status == 0, "\(run.output) \(run.errors)")
    #expect(run.output.hasSuffix("== nothing is left\n"))
  }

  @Test(
    "boots: the table is there before the network and the kubelet, with half a policy file the last proved one",
    .enabled(
      if: isRelease && hasBootstrap, "needs NETPOLC_TEST_RELEASE_PACKAGE=1, debootstrap and the network"),
    .needsProgram("systemd-nspawn"))
  func boot() throws {
    let program = ProcessInfo.processInfo.environment["NETPOLC_TEST_PROGRAM"] ?? ""
    let package = try CommandRun("/bin/sh", ["-c", ".ci/deb \(program) 2>/dev/null"])
    #expect(package.status == 0)
    let run = try CommandRun("/bin/sh", ["-c", ".ci/try-boot \(package.output)"])
    #expect(run.status == 0, "\(run.output) \(run.errors)")
    #expect(run.output.hasSuffix("== all was well\n"))
  }

  static let hasBootstrap = FileManager.default.isExecutableFile(atPath: "/usr/sbin/debootstrap")

  @Test("the container's file system runs it, as nobody, with git for revisions")
  func container() throws {
    var session = try DocumentSession()
    let repository = Fixtures.package.path(percentEncoded: false)
    session.add("'\(repository)/.ci/runtime-root' \(BuiltProgram.netpolc) root")
    session.add(
      "cp -r Fixtures/guide root/work && cd root/work && git init -q . && git add . && git commit -qm a; cd ../.."
    )
    // What an engine gives every container.
    session.add(
      "mkdir root/proc root/dev && mount -t proc proc root/proc && touch root/dev/null && mount --bind /dev/null root/dev/null"
    )
    let run =
      "env -i PATH=/usr/bin:/usr/sbin unshare --root=root --wd=/work --setgid 65534 --setuid 65534 /usr/bin/netpolc"
    session.add("\(run) --version")
    session.add(
      "\(run) compile guide/01-sample guide/inventory.yaml -o /tmp/out.nft; grep -c . root/tmp/out.nft")
    session.add(
      "\(run) diff HEAD:guide/01-sample guide/02-both-selectors-in-one-peer --inventory guide/inventory.yaml | head -1"
    )
    session.add("ls root root/usr/bin root/bin root/sbin 2>/dev/null | grep -x -e sh -e bash -e login -e apt")
    session.add("umount root/proc root/dev/null")
    let answers = try session.run()
    for (number, answer) in answers.enumerated() where number != 6 {
      #expect(answer.status == 0, "command \(number + 1): \(answer.lines)")
    }
    #expect(answers[4].lines.last.flatMap { Int($0) } ?? 0 > 50)
    #expect(answers[5].lines.first?.contains("widened") == true, "\(answers[5].lines)")
    #expect(answers[6].lines.isEmpty)
  }
}
