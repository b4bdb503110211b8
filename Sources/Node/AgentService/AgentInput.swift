import Enforcement
import CNIPlugin
import Diagnostics
import KubernetesAPI
import NodeAgent
import PolicyModel
import Synchronization

/// The kinds of objects that an agent follows.
enum FollowedKind: String, Sendable, CaseIterable {
  case pods, namespaces, policies, node
  /// ClusterNetworkPolicies; a cluster without the kind has none.
  case clusterPolicies = "clusterpolicies"
  /// All nodes, which are followed once a ClusterNetworkPolicy names nodes.
  case nodes

  /// The resource of the API.
  func resource(node: String) -> APIResource {
    switch self {
    case .pods: .pods
    case .namespaces: .namespaces
    case .policies: .networkPolicies
    case .node: .node(named: node)
    case .clusterPolicies: .clusterNetworkPolicies
    case .nodes: .nodes
    }
  }
}

/// Something that the loop is to look at.
enum AgentInput: Sendable {
  /// An object was added or changed.
  case object(FollowedKind, ReadObject, ObjectHeader?, closing: Policy?)
  /// An object is gone.
  case removed(FollowedKind, ObjectHeader.Key)
  /// A full list begins.
  case listBegan(FollowedKind, ListReason)
  /// A full list is complete.
  case listEnded(FollowedKind)
  /// The server was heard.
  case heard(FollowedKind)
  /// The server cannot be reached, or answers otherwise than it should.
  case trouble(FollowedKind, String)
  /// The plugin asks; the answer is nil for *done*, otherwise the reason.
  case attachment(AttachmentMessage, Reply)
  /// `netpolc status` asks; the answer comes once the record is that of the table in force.
  case status(Reply)
  /// A comparison of the kernel's table is over.
  case looked(TableLook.Result)
  /// The whole of the table that was compared is proved and saved, as far as that was asked for.
  case examined(TableLook.Examination)
  /// The findings about other programs in this network namespace.
  case surroundings([Diagnostic])
  /// The record of what is installed is worked out.
  case prepared(PreparedRecord)
  /// The process is to end.
  case stop
}

/// A place for one answer.
final class Reply: Sendable {
  private let state = Mutex<(answer: String??, waiting: CheckedContinuation<String?, Never>?)>((nil, nil))

  /// Gives the answer; the first one counts.
  func give(_ answer: String?) {
    let waiting = state.withLock { state -> CheckedContinuation<String?, Never>? in
      guard state.answer == nil else { return nil }
      state.answer = .some(answer)
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(returning: answer)
  }

  /// The answer, once it is given. To be called once.
  func wait() async -> String? {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state -> String?? in
        if state.answer == nil { state.waiting = continuation }
        return state.answer
      }
      if let known { continuation.resume(returning: known) }
    }
  }
}
