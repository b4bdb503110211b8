import Dispatch
import Documents
import PolicyModel
import Synchronization

/// A part of a long list that another processor reads while the reader of the source is still before it.
///
/// Where the part begins is a guess from the layout of the text. It counts only if the reader, coming from the front,
/// meets an entry of its list at that very place; otherwise, and where the part holds anything to report, the reader
/// reads on without them. The meaning of a source and its findings do not depend on reading ahead.
final class EntriesAhead: Sendable {
  /// The content of one part of a list.
  struct Part: Sendable {
    let contents: ManifestContents
    let networkPolicies: [NetworkPolicy]
    /// The number of objects, lists included.
    let objects: Int
    /// The number of entries of the list.
    let entries: Int
    /// Where it stopped: at the entry with which the next part begins, or at the list's end.
    let end: Int
    let isLast: Bool
  }

  private enum State: Sendable {
    case waiting, running, left
    case done(Part?)
  }

  /// Where the first entry stands.
  let start: Int
  private let state = Mutex(State.waiting)
  private let isLeft = Atomic(false)
  private let finished = DispatchSemaphore(value: 0)

  /// Begins to read as soon as a processor is free.
  ///
  /// - Parameters:
  ///   - start: where the first entry stands.
  ///   - read: reads the part; asks now and then whether it was left.
  init(at start: Int, _ read: @escaping @Sendable (_ isLeft: () -> Bool) -> Part?) {
    self.start = start
    DispatchQueue.global(qos: .userInitiated).async {
      let begins = self.state.withLock { state in
        guard case .waiting = state else { return false }
        state = .running
        return true
      }
      guard begins else { return }
      let part = read { self.isLeft.load(ordering: .relaxed) }
      self.state.withLock { $0 = .done(part) }
      self.finished.signal()
    }
  }

  /// The content of the part, once it was read; nil where reading has not begun, or where the result cannot
  /// be used.
  func take() -> Part? {
    let hasBegun = state.withLock { state in
      guard case .waiting = state else { return true }
      state = .left
      return false
    }
    guard hasBegun else { return nil }
    finished.wait()
    return state.withLock { if case .done(let part) = $0 { part } else { nil } }
  }

  /// Cancels the read-ahead.
  func leave() {
    state.withLock { if case .waiting = $0 { $0 = .left } }
    isLeft.store(true, ordering: .relaxed)
  }
}

extension DocumentReader where Cursor: ~Copyable {
  /// Reads entries of a list from the middle on, up to the one at `next` or to the list's end.
  ///
  /// - Returns: nil where the list goes otherwise than guessed, or there is something to report.
  mutating func readEntries(
    of type: ObjectType?, until next: Int?, _ isLeft: () -> Bool
  ) throws(SyntaxFault) -> EntriesAhead.Part? {
    var entries = 0
    while try nextEntry() {
      if let next, cursor.position >= next {
        return cursor.position == next ? part(entries, isLast: false) : nil
      }
      guard event == .objectStart, !isLeft() else { return nil }
      try readObject(defaultType: type)
      guard context.diagnostics.isEmpty, late.isEmpty, unenforced.isEmpty else { return nil }
      entries += 1
    }
    return part(entries, isLast: true)
  }

  private func part(_ entries: Int, isLast: Bool) -> EntriesAhead.Part {
    .init(
      contents: contents, networkPolicies: networkPolicies, objects: objects, entries: entries,
      end: cursor.position, isLast: isLast)
  }

  /// Takes over what was read ahead from the current entry on, and moves behind it. `index` becomes that of the entry
  /// then current.
  ///
  /// - Returns: whether the list has ended.
  mutating func take(
    _ ahead: inout ArraySlice<EntriesAhead>, _ index: inout Int
  ) throws(SyntaxFault) -> Bool {
    while let next = ahead.first, cursor.position >= next.start {
      ahead.removeFirst()
      guard cursor.position == next.start, let part = next.take() else {
        next.leave()
        continue
      }
      contents.append(part.contents)
      networkPolicies += part.networkPolicies
      objects += part.objects
      index += part.entries
      cursor.resume(at: part.end, behindList: part.isLast)
      if part.isLast {
        event = .arrayEnd
        return true
      }
      guard try nextEntry() else { return true }
    }
    return false
  }
}

/// A cursor over the documents of objects.
protocol ObjectCursor: EventCursor, ~Copyable {
  /// Lets other processors read the rest of the list whose first entry has just begun; nothing where that does not
  /// pay, or where the notation cannot be read from its middle.
  func readAhead(_ settings: ManifestReader, entriesOf type: ObjectType?) -> [EntriesAhead]
}

extension YAMLCursor: ObjectCursor {
  func readAhead(_ settings: ManifestReader, entriesOf type: ObjectType?) -> [EntriesAhead] { [] }
}

extension JSONCursor: ObjectCursor {
  func readAhead(_ settings: ManifestReader, entriesOf type: ObjectType?) -> [EntriesAhead] {
    let starts = guessedEntries()
    let source = map.source
    let open = openContainers
    return starts.indices.map { place in
      let (start, next) = (starts[place], place + 1 < starts.count ? starts[place + 1] : nil)
      return EntriesAhead(at: start) { isLeft in
        let map = SourceMap(source)
        guard let indexer = JSONIndexer() else { return nil }
        let cursor = JSONCursor(map, indexer, at: start, inside: open)
        var reader = DocumentReader(cursor, NodeContext(map), settings, known: [:])
        return try? reader.readEntries(of: type, until: next, isLeft)
      }
    }
  }
}
