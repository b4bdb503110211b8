public import Addresses
import Glibc
import KubernetesAPI
public import PolicyModel

/// The settings of an agent, as its command line gives them.
public struct AgentOptions: Sendable {
  /// The treatment of addresses of the node that no pod is known to have.
  public enum UnknownPods: String, Sendable, Hashable, CaseIterable {
    /// They are open.
    case allow
    /// They neither send nor receive.
    case deny
  }

  /// The name of the node.
  public var node: String
  /// The modes besides the blocks of unknown pods.
  public var modes = EnforcementModes(sourceCheck: .local)
  /// The treatment of addresses that no pod is known to have.
  public var unknownPods = UnknownPods.deny
  /// Blocks of the node's pod addresses; empty: the Node's podCIDRs.
  public var podCIDRs: [CIDR] = []
  /// The largest share of isolated pods that a relist may release at once, in percent.
  public var maxReleased = 10
  /// Relists are taken whatever they release.
  public var acceptsRelist = false
  /// The wait before a held list is asked for again.
  public var holdWait = Duration.seconds(60)
  /// The time that an ADD waits for its pod's object.
  public var attachWait = Duration.seconds(10)
  /// True where nothing is installed: what would be done is reported in the log.
  public var isDryRun = false
  /// A file that, while it is there, makes each comparison with the kernel find a difference; for tests.
  public var differenceFile: String?
  /// A file that, while it is there, makes proofs in the background fail, and what is compiled anew because of it; one that holds
  /// `once` goes with the first proof; for tests.
  public var objectionFile: String?
  /// Where the last proved table is kept for the next boot; /var/lib/netpolc/agent.
  public var libraryDirectory = "/var/lib/netpolc/agent"
  /// The identifier of the boot, which is another after each.
  public var bootID = AgentOptions.currentBoot
  /// Where sockets and the record of what is installed are: /run/netpolc.
  public var runDirectory = "/run/netpolc"
  /// Where `/metrics` listens, as `address:port`; nil: nowhere but at the socket.
  public var metricsAddress: String? = "127.0.0.1:9469"

  /// The options of a node, all others as they are by default.
  public init(node: String) { self.node = node }

  /// The kernel's identifier of this boot.
  private static var currentBoot: String {
    let bytes = (try? SecretSource.file("/proc/sys/kernel/random/boot_id").read()) ?? []
    return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
  }

  /// True where a test asks for a difference from the kernel's program.
  var pretendsDifference: Bool { differenceFile.map { access($0, F_OK) == 0 } ?? false }

  /// The objection that a test asks for.
  ///
  /// - Parameter takes: whether a file for one objection goes.
  /// - Returns: the objection, nil where there is none.
  func objection(takes: Bool) -> String? {
    guard let objectionFile, let bytes = try? SecretSource.file(objectionFile).read() else { return nil }
    if takes, bytes.starts(with: Array("once".utf8)) { unlink(objectionFile) }
    return "a test says so"
  }

  /// Where the plugin finds the agent.
  public var attachmentSocket: String { "\(runDirectory)/cni.sock" }
  /// Where probes and `netpolc status` find the agent.
  public var statusSocket: String { "\(runDirectory)/agent.sock" }
}
