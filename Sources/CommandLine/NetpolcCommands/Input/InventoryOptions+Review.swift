import ArgumentParser
import Diagnostics
import Documents
import PolicyModel
import ReviewSettings

extension InventoryOptions {
  /// Reads paths and inventory for a review: as the files of settings beside them say, which also name the paths and the
  /// inventory where the command line does not.
  ///
  /// - Parameters:
  ///   - paths: as on the command line; none: those of the settings.
  ///   - workloads: the addresses and kinds of pods to come.
  /// - Returns: the reading, and the settings.
  /// - Throws: the exit status, where settings or paths cannot be read.
  func readForReview(_ paths: [String], _ workloads: WorkloadOptions) throws -> (Reading, ReviewSettings) {
    let files = SettingsFiles(paths)
    var options = self
    if inventory.isEmpty { options.inventory = files.settings.inventory.map(\.text) }
    let chosen = paths.isEmpty ? files.settings.paths.map(\.text) : paths
    guard !chosen.isEmpty || !files.diagnostics.isEmpty else {
      throw ValidationError("Missing expected argument '<path> ...'")
    }
    var reading = try Reading(
      paths: chosen, options: options, subjects: .podsAndWorkloads, workloads: workloads,
      settings: files.settings)
    reading.diagnostics = files.diagnostics + reading.diagnostics + reading.leftOut.noteOnKinds
    return (reading, files.settings)
  }
}

/// Where a review reads policies and inventory from: paths may come from the files of settings.
struct ReviewInputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Files, directories (*.yaml, *.yml, *.json below them), '-' for standard input, or REV:PATH of a git repository; by default those of .netpolc.yaml.",
      valueName: "path"), completion: .file())
  var paths: [String] = []

  @OptionGroup var inventory: InventoryOptions
}
