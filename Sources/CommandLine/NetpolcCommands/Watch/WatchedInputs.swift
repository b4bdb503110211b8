import ArgumentParser
import Lowering
import Documents
import KubernetesManifests
import PolicyModel

/// Policies and inventory that are read again when their files change.
struct WatchedInputs {
  private let options: InputOptions
  /// The last cluster that was read without an error.
  private(set) var cluster: Cluster
  /// The digests of that.
  private(set) var digests: InputDigests
  /// True where the files as they are now could be read; if not, `cluster` is of earlier ones.
  private(set) var isCurrent = true
  private var stamp: ManifestStamp

  /// Reads for the first time; what cannot be read ends the command.
  init(_ options: InputOptions) throws {
    self.options = options
    stamp = Self.stamp(options.paths + options.inventory.inventory, options)
    let reading = try options.read()
    try reading.report()
    cluster = reading.cluster
    digests = InputDigests(cluster)
  }

  /// When the newest file of the inventory was written, in seconds since 1970; of all files where no path is named as
  /// inventory; nil where it is unknown.
  var inventoryTime: Int64? {
    let inventory = options.inventory.inventory
    return Self.stamp(inventory.isEmpty ? options.paths : inventory, options).newest
  }

  /// True where a file has come, gone or changed since the last reading.
  var haveChanged: Bool { Self.stamp(options.paths + options.inventory.inventory, options) != stamp }

  /// Reads again after a possible change, or on request. Unreadable input is reported, and what was
  /// read before stays.
  mutating func refresh(always: Bool = false) {
    let now = Self.stamp(options.paths + options.inventory.inventory, options)
    guard always || now.hasOthers || now != stamp else { return }
    stamp = now
    do {
      let reading = try options.read()
      try reading.report()
      cluster = reading.cluster
      digests = InputDigests(cluster)
      isCurrent = true
    } catch {
      if !(error is ExitCode) { StandardError.write("netpolc: error: \(error)\n") }
      isCurrent = false
    }
  }

  private static func stamp(_ paths: [String], _ options: InputOptions) -> ManifestStamp {
    options.inventory.loader().stamp(paths)
  }
}
