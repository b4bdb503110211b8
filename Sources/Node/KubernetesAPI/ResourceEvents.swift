import NIOCore

/// The events of one resource without end: listed, watched, and listed again where that is needed, whatever happens to
/// the connection. It ends only when its task is cancelled.
///
/// Nothing is read ahead: a consumer that is slow slows the server down.
public struct ResourceEvents: AsyncSequence, Sendable {
  /// The events, and failures among them.
  public typealias Element = ResourceEvent
  /// Failures are events.
  public typealias Failure = Never

  private let client: APIClient
  private let resource: APIResource

  /// The events of a resource.
  public init(of resource: APIResource, from client: APIClient) {
    self.client = client
    self.resource = resource
  }

  /// An iterator, which begins with a list.
  public func makeAsyncIterator() -> Iterator { Iterator(client, resource) }

  /// The place in the conversation with the server.
  public struct Iterator: AsyncIteratorProtocol {
    /// The most events that are told together.
    private static let batch = 128

    private enum Stage {
      /// No stream is open.
      case idle
      /// The initial events of a watch that begins with a list.
      case initial(ResponseStream, LineSplitter)
      /// A page of a list.
      case page(ResponseStream, ListSplitter)
      /// The changes after a list.
      case watch(ResponseStream, LineSplitter)
    }

    private let client: APIClient
    private let resource: APIResource
    private var stage = Stage.idle
    /// The events to report next.
    private var ready: [ResourceEvent] = []
    /// From where a watch goes on; nil: a list is needed.
    private var version: String?
    private var reason = ListReason.start
    private var selector = 0
    private var sendsInitialEvents = true
    /// The next page of a list, and the version of all pages.
    private var page: (token: String, version: String)?
    /// The next list is asked for as one page: a token expired.
    private var avoidsPages = false
    private var wait = Duration.zero
    private var failures = 0
    /// True where a watch gave anything, and how many in a row did not.
    private var isHeard = false
    private var silentWatches = 0
    private var isAbsent = false
    /// The number of answers in a row that a version or a page has expired.
    private var expiries = 0
    /// The number of initial events that were not sent to their end, in a row.
    private var initialCuts = 0
    /// When the last stream began.
    private var began = ContinuousClock.now
    private var metadata: ListMetadata?
    /// True where a list began and did not end, and whether objects of it were reported.
    private var isListing = false
    private var hasToldOfList = false

    init(_ client: APIClient, _ resource: APIResource) {
      self.client = client
      self.resource = resource
      wait = ServerTiming.part(of: client.timing.startJitter)
    }

    /// The next event; nil once the task is cancelled.
    public mutating func next() async -> ResourceEvent? {
      guard await prepare() else { return nil }
      return ready.removeFirst()
    }

    /// The next events, at least one and as many as were received together; nil once the task is cancelled.
    public mutating func nextBatch() async -> [ResourceEvent]? {
      guard await prepare() else { return nil }
      defer { ready = [] }
      return ready
    }

    /// Goes on until there is an event; false once the task is cancelled.
    private mutating func prepare() async -> Bool {
      while ready.isEmpty {
        if Task.isCancelled { return false }
        do throws(APIFailure) { try await step() } catch {
          if Task.isCancelled { return false }
          fail(error)
        }
      }
      return true
    }

    private mutating func step() async throws(APIFailure) {
      switch stage {
      case .idle:
        if wait > .zero {
          try? await Task.sleep(for: wait)
          wait = .zero
          if Task.isCancelled { return }
        }
        if page == nil, version == nil, !isAbsent { beginList(reason) }
        try await open()
      case .initial(var stream, var lines):
        stage = .idle
        var isComplete = false
        let line: ArraySlice<UInt8>?
        do throws(APIFailure) { line = try await nextLine(&stream, &lines) } catch {
          initialCuts += 1
          throw error
        }
        guard let line else {
          initialCuts += 1
          throw .cut("before the end of the list")
        }
        var next: ArraySlice<UInt8>? = line
        while let line = next {
          try takeInitial(line, &isComplete)
          next = isComplete || ready.count >= Self.batch ? nil : lines.next()
        }
        // The initial events' stream goes on as a watch.
        stage = isComplete ? .watch(stream, lines) : .initial(stream, lines)
      case .watch(var stream, var lines):
        stage = .idle
        if let line = try await nextLine(&stream, &lines) {
          var next: ArraySlice<UInt8>? = line
          while let line = next {
            try take(line)
            next = ready.count >= Self.batch ? nil : lines.next()
          }
          stage = .watch(stream, lines)
        } else {
          watchEnded()
        }
      case .page(var stream, var list):
        stage = .idle
        try await takePage(&stream, &list)
      }
    }
  }
}

// MARK: Requests

extension ResourceEvents.Iterator {
  private mutating func open() async throws(APIFailure) {
    var query: [(String, String)] = []
    if selector < resource.fieldSelectors.count {
      query.append(("fieldSelector", resource.fieldSelectors[selector]))
    }
    let isWatch = version != nil || sendsInitialEvents
    if isWatch {
      query += [
        ("watch", "1"), ("allowWatchBookmarks", "true"),
        ("timeoutSeconds", "\(Int.random(in: client.timing.watchSeconds))"),
      ]
      if let version {
        query.append(("resourceVersion", version))
      } else {
        query += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
      }
    } else {
      if !avoidsPages { query.append(("limit", "\(client.timing.pageSize)")) }
      if let page { query.append(("continue", page.token)) }
    }
    let stream = try await client.open(resource.path, query: query)
    isHeard = false
    began = .now
    if isAbsent {
      isAbsent = false
      if version == nil { beginList(.absent) }
    }
    if version != nil {
      stage = .watch(stream, LineSplitter())
    } else if isWatch {
      stage = .initial(stream, LineSplitter())
    } else {
      stage = .page(stream, ListSplitter())
    }
  }

  private func nextLine(
    _ stream: inout ResponseStream, _ lines: inout LineSplitter
  ) async throws(APIFailure) -> ArraySlice<UInt8>? {
    while true {
      if let line = lines.next() { return line }
      if lines.isTooLong { throw .protocolError("an event of more than 64 MB") }
      guard let parts = try await stream.next() else {
        if lines.hasPart { throw .cut("in the middle of an event") }
        return nil
      }
      for part in parts { part.withUnsafeReadableBytes { lines.append($0) } }
    }
  }
}

// MARK: Answers

extension ResourceEvents.Iterator {
  private mutating func takeInitial(_ line: ArraySlice<UInt8>, _ isComplete: inout Bool) throws(APIFailure) {
    switch try WatchEvent(line: line) {
    case .change(let event):
      hasToldOfList = true
      ready.append(event)
    case .bookmark(let version, true):
      listEnded(version)
      isComplete = true
    case .bookmark(_, false):
      // A server that does not know of initial events' end began a plain watch.
      sendsInitialEvents = false
      throw .protocolError("a bookmark before the end of the initial events")
    case .error(let status): throw .status(status)
    }
  }

  private mutating func take(_ line: ArraySlice<UInt8>) throws(APIFailure) {
    isHeard = true
    silentWatches = 0
    switch try WatchEvent(line: line) {
    case .change(let event):
      if let version = event.object?.header?.resourceVersion, !version.isEmpty { self.version = version }
      failures = 0
      ready.append(event)
    case .bookmark(let version, _):
      guard !version.isEmpty else { return }
      self.version = version
      failures = 0
      ready.append(.bookmark(resourceVersion: version))
    case .error(let status): throw .status(status)
    }
  }

  private mutating func takePage(
    _ stream: inout ResponseStream, _ list: inout ListSplitter
  ) async throws(APIFailure) {
    while true {
      let piece: ListSplitter.Piece?
      do throws(ListSplitter.Failure) { piece = try list.next() } catch {
        throw .protocolError(error.message)
      }
      switch piece {
      case .item(let json):
        hasToldOfList = true
        ready.append(.added(APIObject(json: json)))
        if ready.count < Self.batch { continue }
        stage = .page(stream, list)
        return
      case .metadata(let json): metadata = ListMetadata(json: json)
      case .end:
        try pageEnded()
        return
      case nil where !ready.isEmpty:
        stage = .page(stream, list)
        return
      case nil:
        guard let parts = try await stream.next() else { throw .cut("in the middle of a list") }
        for part in parts { part.withUnsafeReadableBytes { list.append($0) } }
      }
    }
  }

  private mutating func pageEnded() throws(APIFailure) {
    guard let metadata, !metadata.resourceVersion.isEmpty else {
      throw .protocolError("a list without a resourceVersion")
    }
    self.metadata = nil
    let version = page?.version ?? metadata.resourceVersion
    if metadata.next.isEmpty {
      listEnded(version)
    } else {
      page = (metadata.next, version)
    }
  }

  /// Reports that a list begins, unless one began and nothing of it was reported.
  private mutating func beginList(_ reason: ListReason) {
    if isListing, !hasToldOfList { return }
    (isListing, hasToldOfList) = (true, false)
    ready.append(.listBegan(reason))
  }

  private mutating func listEnded(_ version: String) {
    page = nil
    avoidsPages = false
    self.version = version.isEmpty ? nil : version
    (failures, silentWatches, initialCuts, expiries) = (0, 0, 0, 0)
    reason = .fault
    isListing = false
    ready.append(.listEnded(resourceVersion: version))
    isHeard = true
  }

  /// The server ended a watch, as it does after a time.
  private mutating func watchEnded() {
    if !isHeard { silentWatches += 1 }
    if silentWatches >= 2 { listAgain(.quiet) }
    // A server that ends each watch at once is not asked in a circle.
    failures = isHeard && .now - began > client.timing.firstWait ? 0 : failures + 1
    if failures > 0 { wait = client.timing.wait(afterFailures: failures, asked: nil) }
  }

  private mutating func listAgain(_ reason: ListReason) {
    version = nil
    page = nil
    metadata = nil
    silentWatches = 0
    self.reason = reason
  }
}

// MARK: Failures

extension ResourceEvents.Iterator {
  private mutating func fail(_ failure: APIFailure) {
    stage = .idle
    metadata = nil
    if answers(failure) { return }
    failures += 1
    var asked: Duration?
    if case .status(let status) = failure { asked = status.retryAfter }
    if case .status(let status) = failure, status.isExpired {
      // The reason to list again is known.
    } else if version == nil {
      // A server that ends initial events again and again may not know of their end.
      if initialCuts >= 2 { sendsInitialEvents = false }
      // A page is asked for again; its objects are then reported twice.
      if page == nil || failures >= 5 { listAgain(reason == .start ? .start : .incomplete) }
    } else if case .protocolError = failure {
      listAgain(.fault)
    } else if case .status(let status) = failure, status.isOfFuture || failures >= 3 {
      listAgain(status.isOfFuture ? .quiet : .fault)
    } else if failure == .silent {
      if !isHeard { silentWatches += 1 }
      if silentWatches >= 2 { listAgain(.quiet) }
    }
    wait = client.timing.wait(afterFailures: failures, asked: asked)
    ready.append(.interrupted(failure, wait: wait))
  }

  /// True where the refusal says what to ask for instead, so that no wait is needed.
  private mutating func answers(_ failure: APIFailure) -> Bool {
    guard case .status(let status) = failure else { return false }
    if status.isExpired {
      expiries += 1
      avoidsPages = avoidsPages || page != nil
      listAgain(.expired)
      // A first expiry is in order; one after another is a failure.
      return expiries == 1
    }
    switch status.code {
    case 400 where selector < resource.fieldSelectors.count:
      selector += 1
      return true
    case 400 where version == nil && sendsInitialEvents, 422 where version == nil && sendsInitialEvents:
      sendsInitialEvents = false
      return true
    case 404 where resource.isOptional:
      takeAbsence()
      return true
    default: return false
    }
  }

  /// The server lacks the kind: a list of nothing, reported once.
  private mutating func takeAbsence() {
    if !isAbsent {
      if version != nil { beginList(.absent) }
      isListing = false
      ready.append(.listEnded(resourceVersion: ""))
    }
    listAgain(.absent)
    isAbsent = true
    failures = 0
    wait = client.timing.absentWait / 2 + ServerTiming.part(of: client.timing.absentWait)
  }
}
