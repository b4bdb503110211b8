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
      valueName: "file"))
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "With --watch: look at the files of policies and inventory, and at counters, so often without an event.",
      valueName: "seconds"))
  var refresh: Int = 30

  func validate() throws {
    if metrics != nil, !watch { throw ValidationError("--metrics needs --watch.") }
    guard (1...86_400).contains(refresh) else {
      throw ValidationError("--refresh must be between 1 and 86400 seconds.")
    }
  }
}
