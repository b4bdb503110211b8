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
    let resource = kind.resource(node: node)
    let reader = APIObjectReader(resource)
    while !Task.isCancelled {
      let turn = restarts.turn(kind)
      for await event in ResourceEvents(of: resource, from: client) {
        await bring(event, reader)
        if restarts.turn(kind) != turn { break }
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

/// The wish for a new list of a kind.
final class RestartSignal: Sendable {
  private let turns = Mutex<[FollowedKind: Int]>([:])

  /// The number of new lists that were wished for.
  func turn(_ kind: FollowedKind) -> Int { turns.withLock { $0[kind] ?? 0 } }

  /// Wishes for a new list.
  func restart(_ kind: FollowedKind) { turns.withLock { $0[kind, default: 0] += 1 } }
}
