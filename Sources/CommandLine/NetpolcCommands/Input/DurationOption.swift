import ArgumentParser

/// A duration on the command line: `30` and `30s` are seconds, `2m` minutes, `1h` hours.
struct DurationOption: ExpressibleByArgument {
  /// Whole seconds, at least 1.
  let seconds: Int

  init?(argument: String) {
    let units = ["s": 1, "m": 60, "h": 3600]
    let unit = argument.last.flatMap { units[String($0)] }
    guard let number = Int(unit == nil ? argument : String(argument.dropLast())), number > 0 else {
      return nil
    }
    let (seconds, isTooLong) = number.multipliedReportingOverflow(by: unit ?? 1)
    if isTooLong { return nil }
    self.seconds = seconds
  }

  /// The value for messages and defaults in help.
  init(seconds: Int) { self.seconds = seconds }

  var defaultValueDescription: String { "\(seconds)s" }
}
