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

  /// The most batches that are read at the same time.
  private static let width = 3
  /// From so many events on a batch is read beside the next ones.
  private static let large = 16

  /// Runs until the task is cancelled.
  func run() async {
    if kind == .nodes { await restarts.nodesWanted() }
    let reader = APIObjectReader(kind.resource(node: node))
    while !Task.isCancelled {
      let following = Task { await follow(reader) }
      restarts.follow(kind, following)
      await withTaskCancellationHandler {
        await following.value
      } onCancel: {
        following.cancel()
      }
    }
  }

  /// Brings events until the task is cancelled, in their order.
  private func follow(_ reader: APIObjectReader) async {
    var events = ResourceEvents(of: kind.resource(node: node), from: client).makeAsyncIterator()
    // A long list is read by several tasks, each of which waits for the one before it.
    var reading: [Task<Void, Never>] = []
    while let batch = await events.nextBatch() {
      let before = reading.last
      if batch.count < Self.large {
        await before?.value
        reading = []
        await inbox.putInTurn(inputs(batch, reader))
      } else {
        reading.append(
          Task {
            let inputs = inputs(batch, reader)
            await before?.value
            await inbox.putInTurn(inputs)
          })
        if reading.count >= Self.width { await reading.removeFirst().value }
      }
    }
    await reading.last?.value
  }

  private func inputs(_ events: [ResourceEvent], _ reader: APIObjectReader) -> [AgentInput] {
    let objects = events.compactMap(\.changed)
    var read = reader.read(objects)[...]
    var inputs: [AgentInput] = []
    inputs.reserveCapacity(events.count)
    for event in events {
      switch event {
      case .listBegan(let reason): inputs.append(.listBegan(kind, reason))
      case .listEnded: inputs.append(.listEnded(kind))
      case .bookmark: inputs.append(.heard(kind))
      case .interrupted(let failure, _): inputs.append(.trouble(kind, "\(failure)"))
      case .deleted(let object):
        if let key = object.header?.key { inputs.append(.removed(kind, key)) }
      case .added(let object), .modified(let object):
        guard let result = read.popFirst() else { continue }
        var closing: Policy?
        if case .unreadable = result, kind == .policies { closing = reader.closingPolicy(object) }
        inputs.append(.object(kind, result, header(object, result), closing: closing))
      }
    }
    return inputs
  }

  /// The identity of an object. The UID of another node's pod is not asked for.
  private func header(_ object: APIObject, _ result: ReadObject) -> ObjectHeader? {
    guard case .pod(let pod) = result, pod.node != node else { return object.header }
    return ObjectHeader(key: .init(namespace: pod.namespace, name: pod.name))
  }
}

extension ResourceEvent {
  /// The object that was added or changed; nil for another event.
  fileprivate var changed: APIObject? {
    switch self {
    case .added(let object), .modified(let object): object
    default: nil
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
