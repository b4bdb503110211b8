import ArgumentParser

/// The option `--confirm-within` of the commands that change the loaded table.
struct ConfirmationOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Roll back to the former ruleset after DURATION (30, 30s, 2m) unless `netpolc confirm` is run before.",
      valueName: "duration"))
  var confirmWithin: DurationOption?

  func validate() throws { try Self.check(confirmWithin) }

  /// Refuses a time that is not between a second and a day.
  static func check(_ time: DurationOption?) throws {
    if let time, !(1...86_400).contains(time.seconds) {
      throw ValidationError("--confirm-within must be between 1s and 24h.")
    }
  }

  /// The time that a change may stay without a confirmation; nil: for good.
  var window: Duration? { confirmWithin.map { .seconds($0.seconds) } }
}
