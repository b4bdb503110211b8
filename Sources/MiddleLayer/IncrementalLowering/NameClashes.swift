/// Names that other objects have already.
struct NameClashes {
  /// The identity of each set, by its name.
  var sets: [String: String] = [:]
  /// Chains that decide by ports: what is there is not looked at, only that it is something else.
  var chains: [String: String] = [:]

  var isEmpty: Bool { sets.isEmpty && chains.isEmpty }
}
