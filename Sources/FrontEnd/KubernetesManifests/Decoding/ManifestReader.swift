public import Documents
import Diagnostics
import Dispatch
import PolicyModel
import Synchronization

/// Reads manifests as kubectl prints them into the model: YAML and JSON, one or many documents, lists.
///
/// Strict on policies: an unknown field, a wrong type, a duplicate key or a value that the API server would refuse
/// is an error with its place. Lenient on everything else: of the inventory only the fields that matter are looked
/// at, but those must be right.
public struct ManifestReader: Sendable {
  /// The namespace of objects that name none.
  public let defaultNamespace: String
  /// True where a NetworkPolicy is an error, because the source was named as an inventory.
  public let inventoryOnly: Bool
  /// The kinds that stand for pods besides the known ones.
  public let workloadKinds: WorkloadKinds

  /// True where a server has accepted every object, as those of a watch: what is not understood of a cluster's policies
  /// closes instead of being an error. Otherwise only objects with a `metadata.uid` are read so.
  public let isOfServer: Bool

  /// The kinds of policies that are read.
  public let formats: [PolicyFormat]

  /// Creates a reader; of Kubernetes' own kinds of policies unless others are given.
  public init(
    defaultNamespace: String = "default", inventoryOnly: Bool = false, isOfServer: Bool = false,
    workloadKinds: WorkloadKinds = WorkloadKinds(), formats: [PolicyFormat] = .kubernetes
  ) {
    self.formats = formats
    self.isOfServer = isOfServer
    self.defaultNamespace = defaultNamespace
    self.inventoryOnly = inventoryOnly
    self.workloadKinds = workloadKinds
  }

  /// Reads sources, several at the same time where the machine has the processors.
  ///
  /// - Parameter sources: the inputs; their order is that of the objects in the result.
  /// - Returns: what the sources hold, and what is wrong with them in reading order. A source with an error
  ///   contributes no policy.
  /// - Complexity: O(n) in the number of bytes.
  public func read(_ sources: [ManifestSource]) -> ManifestReading {
    let slots = Mutex([SourceReading?](repeating: nil, count: sources.count))
    if sources.count == 1 {
      let reading = read(sources[0])
      slots.withLock { $0[0] = reading }
    } else {
      DispatchQueue.concurrentPerform(iterations: sources.count) { index in
        let reading = read(sources[index])
        slots.withLock { $0[index] = reading }
      }
    }
    var contents = ManifestContents()
    var networkPolicies: [NetworkPolicy] = []
    var diagnostics: [Diagnostic] = []
    var unenforced = UnenforcedPolicies()
    var leftOut = LeftOut()
    for reading in slots.withLock({ $0 }).compactMap({ $0 }) {
      contents.append(reading.contents)
      networkPolicies += reading.networkPolicies
      diagnostics += reading.diagnostics
      unenforced.append(reading.unenforced)
      leftOut.append(reading.leftOut)
    }
    diagnostics += unenforced.diagnostics(formats) + leftOut.diagnostics
    return ManifestReading(
      contents: contents, networkPolicies: networkPolicies, unenforced: unenforced.places, leftOut: leftOut,
      diagnostics: diagnostics.sorted(by: Diagnostic.inReadingOrder))
  }

  /// Reads one source.
  private func read(_ source: ManifestSource) -> SourceReading {
    let map = SourceMap(source)
    var reading = SourceReading()
    switch SourceFormat(map) {
    case .json:
      // The index of tokens checks UTF-8 as it goes.
      readJSON(map, isPartOfDirectory: source.isPartOfDirectory, &reading)
    case .yaml where map.isUTF8:
      readYAML(map, isPartOfDirectory: source.isPartOfDirectory, &reading)
    case .yaml:
      let offset = String.firstInvalidByte(map.content)
      reading.diagnostics.append(
        Diagnostic(.error, id: "invalid-utf8", at: map.location(offset), map.notUTF8))
      return reading
    }
    if reading.objects == 0, !reading.hasErrors, reading.leftOut.isEmpty {
      reading.diagnostics.append(
        Diagnostic(
          source.isPartOfDirectory ? .warning : .error, id: "no-objects",
          at: SourceLocation(file: source.name, line: 1, column: 1), "no objects here"))
    }
    if reading.hasErrors {
      reading.contents.policies = []
      reading.networkPolicies = []
    }
    return reading
  }

  private func readJSON(_ map: SourceMap, isPartOfDirectory: Bool, _ reading: inout SourceReading) {
    var known: [Int: ObjectType] = [:]
    guard let indexer = JSONIndexer() else {
      reading.diagnostics.append(JSONIndexer.failure(of: map))
      return
    }
    while true {
      let reader = DocumentReader(
        JSONCursor(map, indexer), NodeContext(map), self, known: known, isPartOfDirectory: isPartOfDirectory)
      guard let late = run(reader, &reading) else { return }
      known.merge(late) { _, new in new }
    }
  }

  /// After an error of syntax the reading goes on at the next document.
  private func readYAML(_ map: SourceMap, isPartOfDirectory: Bool, _ reading: inout SourceReading) {
    var start: Int? = 0
    while let from = start {
      var known: [Int: ObjectType] = [:]
      var part = SourceReading()
      while let cursor = YAMLCursor(map, from: from) {
        part = SourceReading()
        let reader = DocumentReader(
          cursor, NodeContext(map), self, known: known, isPartOfDirectory: isPartOfDirectory)
        guard let late = run(reader, &part) else { break }
        known.merge(late) { _, new in new }
      }
      reading.append(part)
      start = part.faultOffset.flatMap { SourceFormat.nextDocument(map, at: $0, after: from) }
    }
  }

  /// One pass; the types that came too late, if it must be done again.
  private func run<Cursor: ObjectCursor & ~Copyable>(
    _ reader: consuming DocumentReader<Cursor>, _ reading: inout SourceReading
  ) -> [Int: ObjectType]? {
    reading = SourceReading()
    return reader.readSource(&reading)
  }
}
