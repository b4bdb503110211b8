import ArgumentParser

extension Terminal.ColourChoice: ExpressibleByArgument {}

/// Options for the amount and the colours of printed text, which every command of reviews has.
struct TerminalOptions: ParsableArguments {
  @Option(help: "Whether to use colours; auto also looks at NO_COLOR and FORCE_COLOR.")
  var color: Terminal.ColourChoice = .auto

  @Flag(name: [.customShort("q"), .long], help: "Print nothing but errors: the exit status is the answer.")
  var quiet = false

  @Flag(help: "Of a report as text print one line: the numbers.")
  var summary = false

  // Runs once when the command line is read, before anything is printed.
  func validate() throws { Terminal.use(color, isQuiet: quiet, isSummary: summary) }
}
