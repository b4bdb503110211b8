public import Diagnostics
import Wording

/// Files and documents of directories that are not read as objects, with the reasons: what is left out is reported.
public struct LeftOut: Sendable, Hashable {
  /// The reason for which something is left out.
  public enum Reason: Sendable, Hashable, Comparable {
    /// A pattern excludes the file.
    case excluded(pattern: String)
    /// The file is part of a Helm chart in this directory.
    case helmChart(directory: String)
    /// The file is the kustomization of this directory.
    case kustomization(directory: String)
    /// A kustomization of this directory uses the file as a patch or as data.
    case kustomizationPart(directory: String)
    /// The directory is another repository, of which a revision knows only the commit.
    case submodule(directory: String)
    /// The document has neither `apiVersion` nor `kind`, nor `metadata` or `spec`: it is no object.
    case noObject

    /// The reason as a short phrase.
    public var words: String {
      switch self {
      case .excluded(let pattern): "excluded by \(ForeignText(pattern).quoted)"
      case .helmChart(let directory): "of the Helm chart \(directory)"
      case .kustomization(let directory): "the kustomization of \(directory)"
      case .kustomizationPart(let directory): "patches and data of the kustomization of \(directory)"
      case .submodule(let directory): "the submodule \(directory)"
      case .noObject: "without apiVersion and kind"
      }
    }
  }

  /// The files by reason, in reading order; a file of several documents stands once for each.
  public private(set) var files: [Reason: [String]] = [:]

  /// The number of objects of each kind that netpolc does not use.
  public private(set) var otherKinds: [String: Int] = [:]

  /// Nothing left out.
  public init() {}

  /// True where nothing is.
  public var isEmpty: Bool { files.isEmpty && otherKinds.isEmpty }

  /// Of files that would be rendered, and of submodules, a number that another content would change.
  private var digests: [Reason: [String: Int]] = [:]

  /// Adds a file, or one document of it.
  public mutating func add(_ file: String, _ reason: Reason) { files[reason, default: []].append(file) }

  /// Adds a file that is rendered elsewhere, with the digest of its content.
  mutating func add(_ file: String, _ reason: Reason, digest: Int) {
    add(file, reason)
    digests[reason, default: [:]][file] = digest
  }

  /// Parts that two revisions leave out and that have other content in each: they may hold a difference that is not seen.
  ///
  /// - Parameters:
  ///   - old: the revision before.
  ///   - new: the revision after.
  ///   - roots: the directories that the sides were named by.
  /// - Returns: phrases such as `the Helm chart charts/web, which differs and is not rendered here`.
  public static func changed(old: LeftOut, new: LeftOut, roots: (old: String, new: String)) -> [String] {
    func contents(_ side: LeftOut, _ root: String) -> [Rendered: [String: Int]] {
      var found: [Rendered: [String: Int]] = [:]
      for (reason, files) in side.digests {
        guard let rendered = Rendered(reason, root) else { continue }
        for (file, digest) in files { found[rendered, default: [:]][Rendered.path(file, root)] = digest }
      }
      return found
    }
    let (before, after) = (contents(old, roots.old), contents(new, roots.new))
    return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.map(\.words).sorted()
  }

  /// Something of which the content is not known before it is rendered, wherever the revision is.
  private struct Rendered: Hashable {
    let kind: String
    let directory: String
    var words: String {
      let reading = kind == "the submodule" ? "read" : "rendered here"
      return "\(kind) \(directory.isEmpty ? "at the top" : directory), which differs and is not \(reading)"
    }

    init?(_ reason: Reason, _ root: String) {
      switch reason {
      case .helmChart(let directory): (kind, self.directory) = ("the Helm chart", Self.path(directory, root))
      case .kustomization(let directory), .kustomizationPart(let directory):
        (kind, self.directory) = ("the kustomization", Self.path(directory, root))
      case .submodule(let directory): (kind, self.directory) = ("the submodule", Self.path(directory, root))
      case .excluded, .noObject: return nil
      }
    }

    /// A path from the directory that was named.
    static func path(_ file: String, _ root: String) -> String {
      let root = root.hasSuffix("/") ? root.dropLast() : root[...]
      guard file.hasPrefix(root) else { return file }
      return String(file.dropFirst(root.count).drop { $0 == "/" })
    }
  }

  /// Adds objects by their kinds.
  public mutating func add(kinds: [String: Int]) { otherKinds.merge(kinds, uniquingKeysWith: +) }

  /// Adds all that another reading left out.
  public mutating func append(_ other: LeftOut) {
    files.merge(other.files, uniquingKeysWith: +)
    digests.merge(other.digests) { $0.merging($1) { first, _ in first } }
    add(kinds: other.otherKinds)
  }

  /// The numbers of what was left out, by reason.
  public var counts: [(count: Int, reason: String)] {
    files.sorted { $0.key < $1.key }.map { ($0.value.count, $0.key.words) }
      + otherKinds.sorted { $0.key < $1.key }.map {
        ($0.value, "of the kind \($0.key), which netpolc does not use")
      }
  }

  /// The numbers in short phrases for one line, without the names of directories: `6 files of 2 Helm charts`. Each has a name
  /// of its group, by which the phrases of two readings are compared.
  public var phrases: [(group: String, words: String)] {
    var found: [(group: String, words: String)] = []
    var (charts, chartFiles, kustomizations, parts, submodules, documents) = (0, 0, 0, 0, 0, 0)
    for (reason, files) in files.sorted(by: { $0.key < $1.key }) {
      switch reason {
      case .excluded(let pattern):
        found.append(("excluded \(pattern)", "\(Counting.of(files.count, "file")) \(reason.words)"))
      case .helmChart: (charts, chartFiles) = (charts + 1, chartFiles + files.count)
      case .kustomization: kustomizations += files.count
      case .kustomizationPart: parts += files.count
      case .submodule: submodules += files.count
      case .noObject: documents += files.count
      }
    }
    if charts > 0 {
      found.append(
        ("charts", "\(Counting.of(chartFiles, "file")) of \(Counting.of(charts, "Helm chart"))"))
    }
    if kustomizations > 0 { found.append(("kustomizations", Counting.of(kustomizations, "kustomization"))) }
    if parts > 0 {
      found.append(("parts", "\(Counting.of(parts, "file")) of patches and data of kustomizations"))
    }
    if submodules > 0 { found.append(("submodules", Counting.of(submodules, "submodule"))) }
    if documents > 0 {
      found.append(("documents", "\(Counting.of(documents, "document")) without apiVersion and kind"))
    }
    if !otherKinds.isEmpty {
      let objects = Counting.of(otherKinds.values.reduce(0, +), "object")
      found.append(("kinds", "\(objects) of kinds that netpolc does not use (\(kindsByNumber))"))
    }
    return found
  }

  /// `12 Secret, 3 ConfigMap, … 4 more`, the most frequent kinds first.
  private var kindsByNumber: String {
    let sorted = otherKinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return Counting.first(3, of: sorted.map { "\($0.value) \($0.key)" })
  }

  /// The phrases of what two revisions leave out; where they differ each says of which revision it is.
  public static func phrases(old: LeftOut, new: LeftOut) -> [String] {
    let (before, after) = (old.phrases, new.phrases)
    let former = Dictionary(before.map { ($0.group, $0.words) }, uniquingKeysWith: { first, _ in first })
    let there = Set(after.map(\.group))
    return after.map { group, words in
      guard let formerly = former[group] else { return "\(words) (new revision only)" }
      return formerly == words ? words : "\(words) (old revision: \(formerly))"
    } + before.filter { !there.contains($0.group) }.map { "\($0.words) (old revision only)" }
  }

  /// A note with the number of objects of each kind that netpolc does not use; none where there is none.
  public var noteOnKinds: [Diagnostic] {
    if otherKinds.isEmpty { return [] }
    let kinds = otherKinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return [
      Diagnostic(
        .note, id: "skipped-kinds", at: nil,
        "skipped objects of kinds that netpolc does not use: \(kinds.joined(separator: ", "))")
    ]
  }

  /// One finding for each reason. What has to be rendered first may hold policies: that is a warning.
  public var diagnostics: [Diagnostic] {
    files.sorted { $0.key < $1.key }.map { reason, files in
      let names = Counting.first(3, of: Self.unique(files))
      let place = files.first.map { SourceLocation(file: $0, line: 1, column: 1) }
      switch reason {
      case .excluded:
        return Diagnostic(
          .note, id: "left-out-excluded", at: nil,
          "left out \(Counting.of(files.count, "file")) \(reason.words): \(names)")
      case .noObject:
        return Diagnostic(
          .note, id: "left-out-no-object", at: nil,
          "left out \(Counting.of(files.count, "document")) \(reason.words): \(names)")
      case .submodule:
        return Diagnostic(
          .warning, id: "left-out-submodule", at: nil,
          "left out \(reason.words): a revision holds only the name of its commit; name a path of the checkout instead"
        )
      case .helmChart(let directory):
        return Diagnostic(
          .warning, id: "left-out-helm-chart", at: place,
          "left out \(Counting.of(files.count, "file")) \(reason.words), which is not rendered here: give the output of 'helm template \(directory)', as a file or to '-'"
        )
      case .kustomization(let directory):
        return Diagnostic(
          .warning, id: "left-out-kustomization", at: place,
          "left out \(reason.words), which is not rendered here: its files are read as they are; for what it makes of them give the output of 'kubectl kustomize \(directory)', as a file or to '-'"
        )
      case .kustomizationPart:
        return Diagnostic(
          .note, id: "left-out-kustomization-part", at: nil,
          "left out \(Counting.of(files.count, "file")): \(reason.words): \(names)")
      }
    }
  }

  private static func unique(_ files: [String]) -> [String] {
    var seen: Set<String> = []
    return files.filter { seen.insert($0).inserted }
  }
}
