import KubernetesAPI
import NodeAgent
import PolicyModel
import Synchronization

/// Brings one resource's events to the loop, read.
struct ResourceFeed: Sendable {
  let kind: FollowedKind
  let node: String
  let client: APIClient
  let inbox: Inbox
  /// Asked to list anew.
  let restarts: RestartSignal

  /// Runs until the task is cancelled.
  func run() async {
    if kind == .nodes { await restarts.nodesWanted() }
    let reader = APIObjectReader(kind.resource(node: node))
    while !Task.isCancelled {
      let following = Task {
        for await event in ResourceEvents(of: kind.resource(node: node), from: client) {
          await bring(event, reader)
        }
      }
      restarts.follow(kind, following)
      await withTaskCancellationHandler {
        await following.value
      } onCancel: {
        following.cancel()
      }
    }
  }

  private func bring(_ event: ResourceEvent, _ reader: APIObjectReader) async {
    switch event {
    case .listBegan(let reason): await inbox.putInTurn(.listBegan(kind, reason))
    case .listEnded: await inbox.putInTurn(.listEnded(kind))
    case .bookmark: inbox.put(.heard(kind))
    case .interrupted(let failure, _): inbox.put(.trouble(kind, "\(failure)"))
    case .deleted(let object):
      if let key = object.header?.key { await inbox.putInTurn(.removed(kind, key)) }
    case .added(let object), .modified(let object):
      let read = reader.read(object)
      var closing: Policy?
      if case .unreadable = read, kind == .policies { closing = reader.closingPolicy(object) }
      await inbox.putInTurn(.object(kind, read, object.header, closing: closing))
    }
  }
}

/// The wishes of the loop: for all nodes, and for a new list of a kind: what follows the kind is ended at once, however quiet its connection is.
final class RestartSignal: Sendable {
  private let followers = Mutex<[FollowedKind: Task<Void, Never>]>([:])
  private let wanted = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// Asks for all nodes from now on.
  func wantNodes() { wanted.continuation.yield() }

  /// Returns when all nodes are wanted, or the task is cancelled. To be called once.
  func nodesWanted() async { for await _ in wanted.stream { return } }

  /// Says what follows a kind from now on.
  func follow(_ kind: FollowedKind, _ task: Task<Void, Never>) { followers.withLock { $0[kind] = task } }

  /// Wishes for a new list.
  func restart(_ kind: FollowedKind) { followers.withLock { $0.removeValue(forKey: kind) }?.cancel() }
}
