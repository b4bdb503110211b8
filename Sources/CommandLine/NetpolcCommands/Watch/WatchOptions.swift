import ArgumentParser

/// The options of `verify --live --watch`.
struct WatchOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "With --live: go on, and prove the table again whenever it changes, one line each, until SIGTERM or SIGINT.",
      discussion: "SIGHUP reads policies and inventory again, as does every change of their files."))
  var watch = false

  @Option(
    help: ArgumentHelp(
      "With --watch: keep a file of metrics for node_exporter's textfile collector (name it *.prom).",
      valueName: "file"), completion: .file())
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "With --watch: re-read input files and counters every DURATION (30, 30s, 2m), also without an event.",
      valueName: "duration"))
  var refresh = DurationOption(seconds: 30)

  func validate() throws {
    if metrics != nil, !watch { throw ValidationError("--metrics needs --watch.") }
    guard (1...86_400).contains(refresh.seconds) else {
      throw ValidationError("--refresh must be between 1s and 24h.")
    }
  }
}
