public import ArgumentParser
public import ClusterGenerator

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ManifestFormat: ExpressibleByArgument {}

/// The command `netpolc-bench generate`.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a cluster as kubectl prints it: namespaces, nodes, pods and policies, a file each.",
    discussion: """
      ClusterNetworkPolicies are in a file of their own, and everything else is the same with and without them: so commands about \
      both clusters can be run side by side. With 100 of them it is the input of `netpolc-bench tiers`.
      """)

  @Option(help: "How many pods.") var pods = 1000
  @Option(help: "How many policies.") var policies = 100
  @Option(help: "How many ClusterNetworkPolicies, of 25 rules each way.") var clusterPolicies = 0
  @Option(help: "What decides about everything else.") var seed: UInt64 = 1
  @Option(help: "How many nodes in a thousand are dual stack.") var dualStack = 250
  @Option(help: "How many edits later the cluster is.") var edits = 0
  @Option(help: "json or yaml.") var format: ManifestFormat = .json
  @Argument(help: "Where the files go.") var directory: String

  func run() throws {
    guard mkdir(directory, 0o777) == 0 || errno == EEXIST else {
      throw ValidationError("\(directory): \(String(cString: strerror(errno)))")
    }
    let shape = ClusterShape(
      pods: pods, policies: policies, clusterPolicies: clusterPolicies, seed: seed, dualStack: dualStack)
    try GeneratedCluster(shape).edited(edits).write(format, toDirectory: directory)
  }
}
