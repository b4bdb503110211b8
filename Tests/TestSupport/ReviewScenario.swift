/// Two revisions of policies over one inventory, kept in `Fixtures/`.
public struct ReviewScenario: Sendable, CustomStringConvertible {
  /// The folder of `Fixtures/` with the recorded outputs.
  public let folder: String
  /// Files and directories of the old revision.
  public let old: [String]
  /// Files and directories of the new revision.
  public let new: [String]
  /// The folder.
  public var description: String { folder }

  /// A revision of `Fixtures/review` by its name.
  public static func review(_ name: String) -> ReviewScenario {
    ReviewScenario(
      folder: "review/\(name)", old: ["review/\(name)/old", "review/inventory.yaml"],
      new: ["review/\(name)/new", "review/inventory.yaml"])
  }

  /// The policies of `Fixtures/guide` by their name, compared with none.
  public static func guide(_ name: String) -> ReviewScenario {
    ReviewScenario(
      folder: "guide-diff/\(name)", old: ["guide/inventory.yaml"],
      new: ["guide/\(name)", "guide/inventory.yaml"])
  }

  /// Every revision of `Fixtures/review`, then every policy of `Fixtures/guide`.
  public static let all =
    Fixtures.folders(in: "review").map(review) + Fixtures.folders(in: "guide").map(guide)
  /// The revision whose findings of lint, and whose whole page, are recorded too.
  public static let strayDash = review("a-stray-dash-opens-a-namespace")

  /// The arguments of `diff` for the two sides, in `Fixtures/`; standard input has no object.
  public var sides: [String] {
    let inventory = new[new.count - 1]
    return [old.first { $0 != inventory } ?? "-", new[0], "--inventory", inventory]
  }

  /// Both revisions, read.
  public var inputs: (old: ReviewInput, new: ReviewInput) {
    (ReviewInput(fixtures: old), ReviewInput(fixtures: new))
  }
}
