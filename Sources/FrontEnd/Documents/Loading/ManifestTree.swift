/// A directory of manifests as people keep them: with Helm charts, kustomizations and their patches, which are no manifests
/// before they are rendered.
struct ManifestTree {
  /// The sources that are manifests, or may be.
  private(set) var sources: [ManifestSource] = []
  private(set) var leftOut = LeftOut()

  /// Parts the sources of directories. Files that were named themselves are manifests.
  init(_ sources: [ManifestSource]) {
    let charts = sources.filter { $0.isPartOfDirectory && Self.isChart($0.name) }.map {
      Self.directory($0.name)
    }
    var parts: [String: String] = [:]
    for source in sources where source.isPartOfDirectory && Self.isKustomization(source.name) {
      let directory = Self.directory(source.name)
      for file in Self.files(ofKustomization: source) {
        parts[Self.normal(Self.entry(file, in: directory))] = directory
      }
    }
    for source in sources {
      if let reason = source.isPartOfDirectory ? Self.reason(source.name, charts, parts) : nil {
        leftOut.add(source.name, reason, digest: source.bytes.digest)
      } else {
        self.sources.append(source)
      }
    }
  }

  private static func reason(
    _ name: String, _ charts: [String], _ parts: [String: String]
  ) -> LeftOut.Reason? {
    if let chart = charts.filter({ name.hasPrefix(entry("", in: $0)) }).min(by: { $0.count < $1.count }) {
      return .helmChart(directory: chart)
    }
    if isKustomization(name) { return .kustomization(directory: directory(name)) }
    return parts[normal(name)].map { .kustomizationPart(directory: $0) }
  }

  private static func file(_ name: String) -> Substring {
    name.lastIndex(of: "/").map { name[name.index(after: $0)...] }
      ?? name.lastIndex(of: ":").map { name[name.index(after: $0)...] } ?? name[...]
  }

  private static func isChart(_ name: String) -> Bool { file(name) == "Chart.yaml" }

  private static func isKustomization(_ name: String) -> Bool {
    ["kustomization.yaml", "kustomization.yml"].contains(file(name))
  }

  /// The directory of a file; `REV:` or `.` for one at the top.
  private static func directory(_ name: String) -> String {
    let rest = name.dropLast(file(name).count)
    if rest.isEmpty { return "." }
    return rest.hasSuffix("/") ? String(rest.dropLast()) : String(rest)
  }

  /// The name of a file of a directory; behind `REV:` no slash stands.
  private static func entry(_ file: String, in directory: String) -> String {
    directory.hasSuffix(":") ? directory + file : "\(directory)/\(file)"
  }

  /// A path without `.` and `..`.
  private static func normal(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") {
      if part == "." { continue }
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// The files that a kustomization uses and that are no resources, as it names them. Where it cannot be read there are none.
  private static func files(ofKustomization source: ManifestSource) -> [String] {
    DocumentValue.documents(in: source).documents.flatMap { document -> [String] in
      let resources = Set(
        ["resources", "bases", "components"].flatMap { document.member($0).map(paths) ?? [] })
      let lists = [
        "patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "configurations",
        "transformers",
        "generators", "helmCharts", "configMapGenerator", "secretGenerator", "openapi", "crds", "validators",
      ]
      return lists.flatMap { document.member($0).map(paths) ?? [] }.filter { !resources.contains($0) }
    }
  }

  /// Every text in a value that may be a path: a file, or `key=file`, of one line.
  private static func paths(_ value: DocumentValue) -> [String] {
    switch value.content {
    case .scalar(let text, _):
      guard ManifestLoader.isManifest(text), !text.contains("\n") else { return [] }
      return [text.lastIndex(of: "=").map { String(text[text.index(after: $0)...]) } ?? text]
    case .list(let entries): return entries.flatMap(paths)
    case .object(let members): return members.flatMap { paths($0.value) }
    case .null: return []
    }
  }
}

extension DocumentValue {
  /// The value of a member; nil where this is no object, or has it not.
  func member(_ key: String) -> DocumentValue? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }
}
