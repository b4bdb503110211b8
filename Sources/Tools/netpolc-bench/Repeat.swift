import ArgumentParser
import ClusterGenerator
import IncrementalLowering
import Lowering
import Documents
import KubernetesManifests
import PolicyModel
import Reachability
import PolicyDiff
import PolicyLint
import RulesetText
import Verification

/// `netpolc-bench repeat`: one phase so many times, for a tool that counts instructions.
struct Repeat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Do one phase so many times, to be counted from outside; what differs between two numbers of times is its."
  )

  /// The phases that are worth a budget.
  enum Phase: String, ExpressibleByArgument, CaseIterable {
    case read, resolve, findings, digests, lower, print, specification, proof, diff, lint, session
  }

  @Option(help: "How many pods.") var pods = 100
  @Option(help: "How many policies.") var policies = 20
  @Option(help: "How many times.") var times = 1
  @Argument(
    help: "read, resolve, findings, digests, lower, print, specification, proof, diff, lint or session.")
  var phase: Phase

  func run() throws {
    let generated = GeneratedCluster(ClusterShape(pods: pods, policies: policies, podsOfNode: 20))
    let source = ManifestSource(
      name: "pods.json", bytes: phase == .read ? generated.text(of: "pods", .json) : [])
    let contents = generated.contents
    let cluster = Cluster.resolve(contents).cluster
    let node = "node-1"
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower(LoweringOptions(node: node))
    let specification = Specification(cluster, node: node)
    var later = contents
    later.policies = generated.edited(12).contents.policies
    let after = Cluster.resolve(later).cluster
    for _ in 0..<times {
      switch phase {
      case .read: _ = ManifestReader().read([source])
      case .resolve: _ = Cluster.resolve(contents)
      case .findings: _ = cluster.effectWarnings()
      case .digests: _ = InputDigests(cluster)
      case .lower:
        var lowerer = Lowerer(cluster)
        _ = lowerer.lower(LoweringOptions(node: node))
      case .print: _ = NFTPrinter.replacing(lowered.table, annotations: lowered.annotations)
      case .specification: _ = Specification(cluster)
      case .proof: _ = Verifier(specification).verify(lowered.table)
      case .diff: _ = Differ(cluster, after).compare()
      case .session: try Self.comeAndGo(contents, node)
      case .lint: _ = Linter().run(contents, generated.policies, cluster)
      }
    }
  }

  /// A session in which each pod of the cluster goes and comes back.
  private static func comeAndGo(_ contents: ManifestContents, _ node: String) throws {
    var session = try IncrementalCompiler(contents, LoweringOptions(node: node))
    for pod in contents.pods {
      _ = session.apply([.podRemoved(namespace: pod.namespace, name: pod.name)])
      _ = session.apply([.pod(pod)])
    }
  }
}
