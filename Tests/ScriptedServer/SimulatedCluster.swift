import Synchronization
import TestSupport

/// The part of an API server that lists and watches, in memory, with the faults that a test asks for.
public final class SimulatedCluster: Sendable {
  /// An object.
  public struct Object: Sendable, Hashable {
    /// The namespace; empty for an object of the cluster.
    public var namespace: String
    /// The name, unique in its namespace.
    public var name: String
    /// The members of the object's JSON besides `kind`, `apiVersion` and `metadata`, with a comma before: `,"spec":{}`.
    public var content: String
    /// Members of `metadata` besides name, namespace, uid and resourceVersion, with a comma before.
    public var metadata: String

    /// An object of a name and, where it has one, a namespace.
    public init(namespace: String = "", name: String, metadata: String = "", content: String = "") {
      self.namespace = namespace
      self.name = name
      self.metadata = metadata
      self.content = content
    }
  }

  /// The server's behaviour.
  public struct Manners: Sendable {
    /// True where it sends a list as a watch; otherwise it refuses (422), or, where `ignoresInitialEvents`, does not know.
    public var sendsInitialEvents = true
    /// True where the parameters of such a list are not known, as before Kubernetes 1.27.
    public var ignoresInitialEvents = false
    /// Field selectors that hold this are refused with 400.
    public var refusedField: String?
    /// The bearer token that it wants.
    public var token: String?
    /// Paths that are no kinds.
    public var absent: Set<String> = []
    /// The number of requests that are answered from now on, by path; those after them wait. Paths that are not named
    /// are answered.
    public var admitted: [String: Int] = [:]
    /// The likelihood that a request, or a stream, meets a fault: once in so many; 0: never.
    public var faultOneIn = 0
    /// The faults' seed.
    public var seed: UInt64 = 1

    /// A server of today without faults.
    public init() {}
  }

  private struct Stored {
    var object: Object
    var version: Int
    var uid: String
  }

  private struct Change {
    var type: String
    var version: Int
    var json: String
  }

  private struct State {
    var version = 1000
    var oldest = 1000
    var objects: [String: [String: Stored]] = [:]
    var history: [String: [Change]] = [:]
    var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextWatcher = 0
    var manners = Manners()
    var dice = SeededGenerator(seed: 1)
    var requests: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// A cluster of no objects.
  public init() {}

  /// Changes how the server behaves.
  public func setManners(_ change: (inout Manners) -> Void) {
    state.withLock { state in
      let seed = state.manners.seed
      change(&state.manners)
      if state.manners.seed != seed { state.dice = SeededGenerator(seed: state.manners.seed) }
    }
  }

  /// The number of requests of a sort: `list`, `page`, `watch`, `watchlist`, and a path with it.
  public func count(_ sort: String, _ path: String) -> Int {
    state.withLock { $0.requests["\(sort) \(path)"] ?? 0 }
  }

  /// The number of requests of a sort, whatever their path; of the sort `fault` those that met a fault.
  public func count(_ sort: String) -> Int {
    state.withLock { state in
      state.requests.reduce(0) { $0 + ($1.key.hasPrefix("\(sort) ") ? $1.value : 0) }
    }
  }

  /// Adds an object, or puts it in the place of one.
  ///
  /// - Returns: the resourceVersion.
  @discardableResult
  public func put(_ object: Object, in path: String, uid: String? = nil) -> Int {
    change { state in
      let key = "\(object.namespace)/\(object.name)"
      let former = state.objects[path]?[key]
      let stored = Stored(
        object: object, version: state.version, uid: uid ?? former?.uid ?? "uid-\(state.version)")
      state.objects[path, default: [:]][key] = stored
      state.history[path, default: []].append(
        Change(
          type: former == nil ? "ADDED" : "MODIFIED", version: state.version, json: Self.json(stored, path)))
    }
  }

  /// Removes an object.
  public func remove(namespace: String = "", name: String, from path: String) {
    change { state in
      guard var stored = state.objects[path]?.removeValue(forKey: "\(namespace)/\(name)") else { return }
      stored.version = state.version
      state.history[path, default: []].append(
        Change(type: "DELETED", version: state.version, json: Self.json(stored, path)))
    }
  }

  /// Removes all objects of a kind, each with its event.
  public func removeAll(_ path: String) {
    for key in objects(path).keys {
      let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      remove(namespace: parts[0], name: parts[1], from: path)
    }
  }

  /// All objects as one JSON List, as `kubectl get -o json` prints it.
  public var manifest: String {
    let objects = state.withLock { state in
      state.objects.flatMap { path, objects in objects.values.map { Self.json($0, path) } }.sorted()
    }
    return #"{"apiVersion":"v1","kind":"List","items":[\#(objects.joined(separator: ",\n"))]}"#
  }

  /// Removes all objects without a word to anybody, as an etcd that is restored empty.
  public func forget(_ path: String) {
    change { state in
      state.objects[path] = [:]
      state.history[path] = []
      state.oldest = state.version
    }
  }

  /// Forgets what happened before now: a watch from an earlier version is too old.
  public func compact() {
    state.withLock { state in
      state.history = [:]
      state.oldest = state.version
    }
  }

  /// The names (`namespace/name`) and resourceVersions of a kind's objects.
  public func objects(_ path: String) -> [String: Int] {
    state.withLock { ($0.objects[path] ?? [:]).mapValues(\.version) }
  }

  @discardableResult
  private func change(_ body: (inout State) -> Void) -> Int {
    state.withLock { state in
      state.version += 1
      body(&state)
      for watcher in state.watchers.values { watcher.yield() }
      return state.version
    }
  }

  private static func json(_ stored: Stored, _ path: String, isItem: Bool = false) -> String {
    let kind = kinds[path] ?? ("v1", "Thing")
    let object = stored.object
    let type = isItem ? "" : #""kind":"\#(kind.1)","apiVersion":"\#(kind.0)","#
    let namespace = object.namespace.isEmpty ? "" : #","namespace":"\#(object.namespace)""#
    return
      #"{\#(type)"metadata":{"name":"\#(object.name)"\#(namespace),"uid":"\#(stored.uid)","resourceVersion":"\#(stored.version)"\#(object.metadata)}\#(object.content)}"#
  }

  /// `apiVersion` and `kind` by path.
  static let kinds = [
    "/api/v1/pods": ("v1", "Pod"), "/api/v1/namespaces": ("v1", "Namespace"), "/api/v1/nodes": ("v1", "Node"),
    "/apis/networking.k8s.io/v1/networkpolicies": ("networking.k8s.io/v1", "NetworkPolicy"),
    "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies": (
      "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"
    ),
  ]
}

// MARK: Answers

extension SimulatedCluster {
  /// Answers a request.
  public func answer(_ request: ScriptedServer.Request, _ answer: Answer) async throws {
    let isWatch = request.query["watch"] == "1"
    let sort =
      isWatch
      ? request.query["sendInitialEvents"] == nil ? "watch" : "watchlist"
      : request.query["continue"] == nil ? "list" : "page"
    while !isAdmitted(request.path) {
      try Task.checkCancellation()
      await OwnThread.pause(.milliseconds(5))
    }
    let (manners, fault) = state.withLock { state -> (Manners, Fault?) in
      state.requests["\(sort) \(request.path)", default: 0] += 1
      let rate = state.manners.faultOneIn
      guard rate > 0, state.dice.chance(oneIn: rate) else { return (state.manners, nil) }
      state.requests["fault \(request.path)", default: 0] += 1
      return (state.manners, Fault(&state.dice))
    }
    if let token = manners.token, request.authorization != "Bearer \(token)" {
      return try await refuse(answer, 401, "Unauthorized", "Unauthorized")
    }
    switch fault {
    case nil: break
    case .status(let code):
      return try await refuse(answer, code, "ServerTimeout", "try again", headers: ["Retry-After: 0"])
    case .cut(let cut): answer.setCut(cut)
    case .gone: return try await refuse(answer, 410, "Expired", "too old")
    case .compaction: compact()
    }
    guard Self.kinds[request.path] != nil, !manners.absent.contains(request.path) else {
      return try await answer.send(404, "404 page not found\n", type: "text/plain; charset=utf-8")
    }
    if let field = manners.refusedField, request.query["fieldSelector"]?.contains(field) == true {
      return try await refuse(answer, 400, "BadRequest", "field label not supported: \(field)")
    }
    if isWatch { try await watch(request, manners, answer) } else { try await list(request, answer) }
  }

  private func isAdmitted(_ path: String) -> Bool {
    state.withLock { state in
      guard let left = state.manners.admitted[path] else { return true }
      if left > 0 { state.manners.admitted[path] = left - 1 }
      return left > 0
    }
  }

  private enum Fault {
    case status(Int), cut(Answer.Cut), gone, compaction

    init(_ dice: inout SeededGenerator) {
      switch Int.random(in: 0..<8, using: &dice) {
      case 0: self = .status(dice.pick([429, 500, 503, 504]))
      case 1: self = .gone
      case 2: self = .compaction
      default:
        let most = dice.pick([100, 400, 2_000, 20_000])
        self = .cut(.init(after: Int.random(in: 0..<most, using: &dice), isReset: dice.chance(oneIn: 2)))
      }
    }
  }

  private func refuse(
    _ answer: Answer, _ code: Int, _ reason: String, _ message: String, headers: [String] = []
  ) async throws {
    try await answer.send(
      code,
      #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","reason":"\#(reason)","code":\#(code)}"#,
      headers: headers)
  }

  private func list(_ request: ScriptedServer.Request, _ answer: Answer) async throws {
    let limit = request.query["limit"].flatMap { Int($0) } ?? .max
    let parts = (request.query["continue"] ?? "").split(separator: "|").map(String.init)
    let page = state.withLock { state -> (version: Int, items: [String], next: String, isExpired: Bool) in
      let sorted = (state.objects[request.path] ?? [:]).sorted { $0.key < $1.key }
      let version = parts.first.flatMap { Int($0) } ?? state.version
      // The store keeps no former versions: a page after a change is as if the token had expired.
      if parts.count == 2, version != state.version { return (0, [], "", true) }
      let rest = parts.count == 2 ? sorted.filter { $0.key > parts[1] } : sorted
      let items = rest.prefix(limit)
      let next = items.count < rest.count ? "\(version)|\(items.last?.key ?? "")" : ""
      return (version, items.map { Self.json($0.value, request.path, isItem: true) }, next, false)
    }
    if page.isExpired { return try await refuse(answer, 410, "Expired", "the continue token is too old") }
    let kind = Self.kinds[request.path] ?? ("v1", "Thing")
    let more = page.next.isEmpty ? "" : #","continue":"\#(page.next)""#
    try await answer.begin()
    try await answer.chunk(
      #"{"kind":"\#(kind.1)List","apiVersion":"\#(kind.0)","metadata":{"resourceVersion":"\#(page.version)"\#(more)},"items":["#
    )
    for (place, item) in page.items.enumerated() { try await answer.chunk((place > 0 ? ",\n" : "") + item) }
    try await answer.chunk("]}\n")
    try await answer.chunk("")
  }

  private func watch(_ request: ScriptedServer.Request, _ manners: Manners, _ answer: Answer) async throws {
    var isInitial = request.query["sendInitialEvents"] == "true"
    if isInitial, !manners.sendsInitialEvents, !manners.ignoresInitialEvents {
      return try await refuse(answer, 422, "Invalid", "sendInitialEvents is forbidden")
    }
    let stream = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = stream.continuation
      return state.nextWatcher
    }
    defer { state.withLock { $0.watchers[number] = nil } }
    try await answer.begin()
    var seen = request.query["resourceVersion"].flatMap { Int($0) } ?? 0
    if isInitial || seen == 0 {
      let (version, items) = state.withLock { state in
        (state.version, (state.objects[request.path] ?? [:]).values.map { Self.json($0, request.path) })
      }
      for item in items { try await answer.chunk(#"{"type":"ADDED","object":\#(item)}"# + "\n") }
      seen = version
      if isInitial, manners.sendsInitialEvents {
        try await bookmark(
          seen, #","annotations":{"k8s.io/initial-events-end":"true"}"#, request.path, answer)
      } else {
        isInitial = false
        try await bookmark(seen, "", request.path, answer)
      }
    }
    var waiting = stream.stream.makeAsyncIterator()
    while true {
      let (changes, version, isExpired) = state.withLock { state -> ([Change], Int, Bool) in
        if seen < state.oldest { return ([], 0, true) }
        return ((state.history[request.path] ?? []).filter { $0.version > seen }, state.version, false)
      }
      if isExpired {
        try await answer.chunk(
          #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}"#
            + "\n")
        return try await answer.chunk("")
      }
      for change in changes {
        try await answer.chunk(#"{"type":"\#(change.type)","object":\#(change.json)}"# + "\n")
      }
      seen = max(seen, version)
      if await waiting.next() == nil { return }
    }
  }

  private func bookmark(_ version: Int, _ more: String, _ path: String, _ answer: Answer) async throws {
    let kind = Self.kinds[path] ?? ("v1", "Thing")
    try await answer.chunk(
      #"{"type":"BOOKMARK","object":{"kind":"\#(kind.1)","apiVersion":"\#(kind.0)","metadata":{"resourceVersion":"\#(version)"\#(more)}}}"#
        + "\n")
  }
}
