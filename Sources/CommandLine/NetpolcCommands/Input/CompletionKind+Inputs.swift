import ArgumentParser
import Documents
import KubernetesManifests
import PolicyLint
import PolicyModel

extension CompletionKind {
  /// Files and directories.
  static var paths: CompletionKind { .file() }

  /// The names of the nodes in the files that the command line names so far.
  static var nodes: CompletionKind {
    .custom { words, _, _ in NodeNames.named(in: words) }
  }

  /// The ids of the rules of lint.
  static var lintRules: CompletionKind { .list(LintRule.all.map(\.id).sorted()) }
}

/// The nodes of an inventory, for completions.
private enum NodeNames {
  /// The names of the nodes that objects and pods of the named files tell of, ascending; none where nothing can be read.
  static func named(in words: [String]) -> [String] {
    let paths = words.dropFirst(2).map { $0.trimmingQuotes() }.filter { !$0.hasPrefix("-") && !$0.isEmpty }
      .filter { InputFile(path: $0).exists }
    guard !paths.isEmpty else { return [] }
    let contents = ManifestReader(defaultNamespace: "default").read(ManifestLoader().loadTree(paths).sources)
      .contents
    return Set(contents.nodes.map(\.name) + contents.pods.compactMap(\.node)).sorted()
  }
}

extension String {
  /// The word without the quotes that a shell hands on.
  fileprivate func trimmingQuotes() -> String {
    guard let first = first, first == "'" || first == "\"", last == first, count > 1 else { return self }
    return String(dropFirst().dropLast())
  }
}
