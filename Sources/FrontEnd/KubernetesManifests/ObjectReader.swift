public import Diagnostics
import Documents
public import PolicyModel

/// The reading of one object of an API server.
public struct ObjectReading: Sendable {
  /// The object, as far as it could be read: of a policy with an error nothing, of other objects the fields that are
  /// right. Empty, but for the count of `skipped`, where the kind is none that netpolc uses.
  public let contents: ManifestContents
  /// The findings, in reading order; their locations are lines and columns of the bytes.
  public let diagnostics: [Diagnostic]

  /// True where there is an error.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Reads objects one at a time, each from JSON of its own: entries of an API server's lists and the `object` of its
/// watch events.
///
/// It keeps memory and shared texts from one object to the next, up to a bound. Any bytes give a reading; what is no
/// object, or no JSON, is a finding.
public final class ObjectReader {
  private let settings: ManifestReader
  private let indexer: JSONIndexer?
  private var texts = Interner()
  private var labelSets: Set<Labels> = []
  /// The most texts and sets of labels that are shared: they would otherwise grow with every pod that ever was.
  private static let mostShared = 1 << 16

  /// Creates a reader.
  ///
  /// - Parameter settings: the namespace of objects without one, and whether policies are refused.
  public init(_ settings: ManifestReader = ManifestReader()) {
    self.settings = settings
    indexer = JSONIndexer()
  }

  /// Reads one object.
  ///
  /// - Parameters:
  ///   - bytes: JSON; copied.
  ///   - name: the source's name in findings.
  ///   - apiVersion: the version of an object that does not say its own, as in the items of a typed list.
  ///   - kind: the kind of an object that does not say its own.
  /// - Returns: the object and findings. Several objects, or a list, are read as well.
  /// - Complexity: O(n) in the number of bytes.
  public func read(
    _ bytes: some Collection<UInt8>, name: String = "object", apiVersion: String? = nil, kind: String? = nil
  ) -> ObjectReading {
    let map = SourceMap(ManifestSource(name: name, bytes: bytes))
    guard let indexer else {
      return ObjectReading(contents: ManifestContents(), diagnostics: [JSONIndexer.failure(of: map)])
    }
    if texts.count > Self.mostShared { texts = Interner() }
    if labelSets.count > Self.mostShared { labelSets = [] }
    let defaultType = ObjectType(apiVersion: apiVersion, kind: kind)
    var known: [Int: ObjectType] = [:]
    while true {
      var reading = SourceReading()
      let context = NodeContext(map, texts: Interner.take(&texts))
      let sets = labelSets
      labelSets = []
      var reader = DocumentReader(
        JSONCursor(map, indexer), context, settings, known: known, labelSets: sets)
      let late = reader.readSource(&reading, defaultType: defaultType)
      texts = reader.context.texts
      labelSets = reader.labelSets
      if let late {
        known.merge(late) { _, new in new }
        continue
      }
      if reading.objects == 0, !reading.hasErrors {
        reading.diagnostics.append(
          Diagnostic(.error, id: "no-objects", at: map.location(0), "no objects here"))
      }
      if reading.hasErrors { reading.contents.policies = [] }
      let diagnostics = reading.diagnostics + reading.unenforced.diagnostics(settings.formats)
      return ObjectReading(
        contents: reading.contents, diagnostics: diagnostics.sorted(by: Diagnostic.inReadingOrder))
    }
  }
}
