import KubernetesAPI

/// The knowledge of a consumer of events: the state by the rules of `ResourceEvent`.
struct Follower {
  /// Names (`namespace/name`) and versions.
  private(set) var objects: [String: Int] = [:]
  private var listing: [String: Int]?
  private(set) var lists: [ListReason] = []
  private(set) var ended = 0
  private(set) var failures: [APIFailure] = []
  /// Objects without a name.
  private(set) var unnamed = 0
  private(set) var bookmarks = 0

  mutating func take(_ event: ResourceEvent) {
    switch event {
    case .listBegan(let reason):
      listing = [:]
      lists.append(reason)
    case .added(let object), .modified(let object):
      guard let (name, version) = Self.name(object) else {
        unnamed += 1
        return
      }
      if listing == nil { objects[name] = version } else { listing?[name] = version }
    case .deleted(let object):
      guard let (name, _) = Self.name(object) else { return }
      if listing == nil { objects[name] = nil } else { listing?[name] = nil }
    case .listEnded:
      objects = listing ?? [:]
      listing = nil
      ended += 1
    case .bookmark: bookmarks += 1
    case .interrupted(let failure, _): failures.append(failure)
    }
  }

  private static func name(_ object: APIObject) -> (String, Int)? {
    guard let header = object.header else { return nil }
    return ("\(header.key.namespace)/\(header.key.name)", Int(header.resourceVersion) ?? 0)
  }

  /// Follows a resource until a condition holds.
  static func follow(
    _ resource: APIResource, _ client: APIClient, until isDone: @escaping @Sendable (Follower) async -> Bool
  ) async -> Follower {
    var follower = Follower()
    for await event in ResourceEvents(of: resource, from: client) {
      follower.take(event)
      if await isDone(follower) { break }
    }
    return follower
  }
}

extension ServerTiming {
  /// Times for tests: short waits between tries. A silent connection is given up only after minutes, so that a busy
  /// machine does not look like a dead server; tests of silence have a limit of their own.
  static let short = ServerTiming(
    idleLimit: .seconds(600), connectLimit: .seconds(600), firstWait: .milliseconds(2),
    longestWait: .milliseconds(20),
    absentWait: .milliseconds(20), pageSize: 3)
}
