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
    /// The document has neither `apiVersion` nor `kind`, nor `metadata` or `spec`: it is no object.
    case noObject

    /// The reason as a short phrase.
    public var words: String {
      switch self {
      case .excluded(let pattern): "excluded by \(ForeignText(pattern).quoted)"
      case .helmChart(let directory): "of the Helm chart \(directory)"
      case .kustomization(let directory): "the kustomization of \(directory)"
      case .kustomizationPart(let directory): "patches and data of the kustomization of \(directory)"
      case .noObject: "without apiVersion and kind"
      }
    }
  }

  /// The files by reason, in reading order; a file of several documents stands once for each.
  public private(set) var files: [Reason: [String]] = [:]

  /// Nothing left out.
  public init() {}

  /// True where nothing is.
  public var isEmpty: Bool { files.isEmpty }

  /// Adds a file, or one document of it.
  public mutating func add(_ file: String, _ reason: Reason) { files[reason, default: []].append(file) }

  /// Adds all that another reading left out.
  public mutating func append(_ other: LeftOut) { files.merge(other.files, uniquingKeysWith: +) }

  /// The numbers of what was left out, by reason.
  public var counts: [(count: Int, reason: String)] {
    files.sorted { $0.key < $1.key }.map { ($0.value.count, $0.key.words) }
  }

  /// The numbers in short phrases for one line, without the names of directories: `6 files of 2 Helm charts`.
  public var phrases: [String] {
    var excluded: [String] = []
    var (charts, chartFiles, kustomizations, parts, documents) = (0, 0, 0, 0, 0)
    for (reason, files) in files.sorted(by: { $0.key < $1.key }) {
      switch reason {
      case .excluded: excluded.append("\(Counting.of(files.count, "file")) \(reason.words)")
      case .helmChart: (charts, chartFiles) = (charts + 1, chartFiles + files.count)
      case .kustomization: kustomizations += files.count
      case .kustomizationPart: parts += files.count
      case .noObject: documents += files.count
      }
    }
    if charts > 0 {
      excluded.append("\(Counting.of(chartFiles, "file")) of \(Counting.of(charts, "Helm chart"))")
    }
    if kustomizations > 0 { excluded.append(Counting.of(kustomizations, "kustomization")) }
    if parts > 0 { excluded.append("\(Counting.of(parts, "file")) of patches and data of kustomizations") }
    if documents > 0 { excluded.append("\(Counting.of(documents, "document")) without apiVersion and kind") }
    return excluded
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
