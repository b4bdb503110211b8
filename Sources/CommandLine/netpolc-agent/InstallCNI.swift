import ArgumentParser
import CNIPlugin
import Glibc
import NFTables

/// The places of a node's CNI plugins.
struct CNIPlaces: ParsableArguments {
  @Option(help: ArgumentHelp("Where the runtime looks for plugins.", valueName: "directory"))
  var binDirectory = "/opt/cni/bin"

  @Option(help: ArgumentHelp("Where the runtime looks for configurations.", valueName: "directory"))
  var confDirectory = "/etc/cni/net.d"

  var installation: PluginInstallation {
    PluginInstallation(binaries: binDirectory, configurations: confDirectory)
  }
}

/// Installs the plugin on this node.
struct InstallCNI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install-cni",
    abstract: "Copies the CNI plugin to the node and makes it the last of its conflist.")

  @OptionGroup var places: CNIPlaces

  @Option(
    help: ArgumentHelp("The plugin's program. By default netpolc-cni beside this one.", valueName: "file"))
  var plugin: String?

  @Flag(help: "Stay, and enter the plugin again whenever another program has written the conflist.")
  var keep = false

  func run() throws {
    let program = plugin ?? Self.beside
    guard keep else {
      do throws(PluginInstallation.Failure) {
        let path = try places.installation.install(program)
        return print(path.map { "\($0): the plugin is entered" } ?? "the plugin is entered already")
      } catch { throw ValidationError("\(error)") }
    }
    EndSignal.endProcess()
    places.installation.keep(program) { line in
      print(line)
      fflush(nil)
    }
  }

  private static var beside: String {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    let own = String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(own.lastIndex(of: "/").map { own[..<$0] } ?? "/usr/bin")/netpolc-cni"
  }
}

/// Takes the plugin out of this node.
struct UninstallCNI: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall-cni",
    abstract: "Takes the CNI plugin out of the node's conflists, and with --table the table.")

  @OptionGroup var places: CNIPlaces

  @Flag(help: "Delete the table inet netpolc too, and what the agent knows of sandboxes.")
  var table = false

  @Option(help: ArgumentHelp("Where the agent's sockets and record are.", valueName: "directory"))
  var runDirectory = "/run/netpolc"

  @Flag(help: "Wait for SIGTERM afterwards, as a DaemonSet's container does.")
  var stay = false

  func run() async throws {
    do throws(PluginInstallation.Failure) {
      for path in try places.installation.remove() { print("\(path): the plugin is taken out") }
    } catch { throw ValidationError("\(error)") }
    if table {
      do {
        let client = NFTablesClient()
        _ = try client.apply("add table inet netpolc\ndelete table inet netpolc\n")
        print("the table inet netpolc is deleted")
        // Without the plugin nobody tells when these end, and their addresses are given to others.
        unlink("\(runDirectory)/sandboxes.json")
      } catch { throw ValidationError("the table cannot be deleted: \(error)") }
    }
    fflush(nil)
    if stay { EndSignal.endProcess() }
    while stay { try await Task.sleep(for: .seconds(3600)) }
  }
}
