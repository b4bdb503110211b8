import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Paths: files, directories, revisions", .bounded)
struct LoaderTests {
  private func load(_ directory: TemporaryDirectory, _ paths: String...) -> (
    names: [String], faults: [String]
  ) {
    let (sources, diagnostics) = ManifestLoader(workingDirectory: directory.path).load(paths)
    return (sources.map(\.name), diagnostics.map { "\($0.message) [\($0.id)]" })
  }

  @Test func aDirectoryInOrderOfNames() throws {
    let directory = try #require(TemporaryDirectory())
    for name in ["d/b.yaml", "d/a.yml", "d/sub/c.json", "d/README.md", "d/B.yaml", "d/.git/x.yaml"] {
      directory.write("", to: name)
    }
    directory.run("ln", "-s", "..", "\(directory.path)/d/sub/up")
    #expect(load(directory, "d").names == ["d/B.yaml", "d/a.yml", "d/b.yaml", "d/sub/c.json"])
    #expect(load(directory, "d/", "d/b.yaml").names == ["d/B.yaml", "d/a.yml", "d/b.yaml", "d/sub/c.json"])
    #expect(
      load(directory, "d/sub/c.json", "d").names == ["d/sub/c.json", "d/B.yaml", "d/a.yml", "d/b.yaml"])
    for paths in [("d", "d"), ("d", "d/sub")] {
      let (names, faults) = load(directory, paths.0, paths.1)
      #expect(names == ["d/B.yaml", "d/a.yml", "d/b.yaml", "d/sub/c.json"])
      #expect(faults == [])
    }
  }

  @Test func whatCannotBeLoaded() throws {
    let directory = try #require(TemporaryDirectory())
    directory.write("x", to: "empty/README.md")
    let (names, faults) = load(directory, "empty", "missing.yaml", "")
    #expect(names == [])
    #expect(
      faults == [
        "empty: the directory holds no *.yaml, *.yml or *.json file [no-manifests]",
        "missing.yaml: No such file or directory [unreadable]", ": is not a path [unreadable]",
      ])
  }

  @Test func emptyFilesInADirectoryAreOnlyWarnedOf() throws {
    let directory = try #require(TemporaryDirectory())
    directory.write("# to do\n", to: "d/a.yaml")
    directory.write(policy("podSelector: {}"), to: "d/b.yaml")
    let read = ManifestReader().read(
      ManifestLoader(workingDirectory: directory.path).load(["d"]).sources)
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(contents.policies.count == 1)
    #expect(diagnostics.map(\.severity) == [.warning])
    let alone = ManifestReader().read(
      ManifestLoader(workingDirectory: directory.path).load(["d/a.yaml"]).sources)
    #expect(alone.diagnostics.map(\.severity) == [.error])
  }

  @Test func revisions() throws {
    let directory = try #require(TemporaryDirectory())
    func git(_ words: String) {
      let settings = "-c user.name=t -c user.email=t@example.com -c commit.gpgsign=false"
      let arguments = "git -C \(directory.path) \(settings) \(words)"
      #expect(directory.run("sh", "-c", arguments) == 0)
    }
    git("init -q")
    directory.write(policy("podSelector: {}"), to: "k8s/one.yaml")
    for index in 0..<600 {
      directory.write(
        policy("policyTypes: []").replacing("name: p", with: "name: p\(index)"), to: "k8s/many/\(index).yaml")
    }
    directory.write("no manifest", to: "docs/a.txt")
    git("add -A && git -C \(directory.path) -c user.name=t -c user.email=t@example.com commit -qm one")
    directory.write("changed", to: "k8s/one.yaml")

    #expect(load(directory, "HEAD:k8s/one.yaml").names == ["HEAD:k8s/one.yaml"])
    let (sources, diagnostics) = ManifestLoader(workingDirectory: directory.path).load(["HEAD:k8s"])
    #expect(diagnostics.isEmpty)
    let reading = ManifestReader().read(sources)
    #expect(reading.diagnostics.isEmpty)
    #expect(reading.contents.policies.count == 601)
    #expect(sources.last?.name == "HEAD:k8s/one.yaml")
    #expect(load(directory, "HEAD:").names.count == 601)
    #expect(
      load(directory, "HEAD:docs").faults == [
        "HEAD:docs: the directory holds no *.yaml, *.yml or *.json file [no-manifests]"
      ])
    #expect(
      load(directory, "HEAD:nowhere.yaml").faults == [
        "HEAD:nowhere.yaml: there is no such file, and git knows no such object [unreadable]"
      ])

    // A file of that very name comes first.
    directory.write(policy("podSelector: {}"), to: "HEAD:k8s/one.yaml")
    let literal = ManifestLoader(workingDirectory: directory.path).load(["HEAD:k8s/one.yaml"])
    #expect(ManifestReader().read(literal.sources).contents.policies.count == 1)
  }

  @Test(arguments: ["--output=x:y", "-c:y", ":x", "$(touch pwned):x", "HEAD;touch pwned:x"])
  func noTextReachesAShellOrAnOption(_ path: String) throws {
    let directory = try #require(TemporaryDirectory())
    directory.run("git", "-C", directory.path, "init", "-q")
    #expect(load(directory, path).faults.count == 1)
    directory.write("", to: "ok.yaml")
    #expect(directory.run("test", "-e", "\(directory.path)/pwned") != 0)
    #expect(directory.run("test", "-e", "\(directory.path)/x:y") != 0)
  }
}
