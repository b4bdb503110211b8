package import Ruleset

extension IncrementalCompiler.Change {
  /// The same change with another difference in the table, as a mistake of the compiler would make it: for tests of slices.
  package func with(_ delta: TableDelta) -> Self {
    Self(
      delta: delta, isFilled: true, warnings: warnings, endpoints: endpoints, isOfPods: isOfPods,
      relabelled: relabelled, policies: policies)
  }
}
