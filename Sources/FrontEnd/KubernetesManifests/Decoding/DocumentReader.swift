import Diagnostics
import Documents
import PolicyModel

/// Reads the documents of one source into the model: the part that kinds share.
struct DocumentReader<Cursor: ObjectCursor & ~Copyable>: ~Copyable {
  var cursor: Cursor
  let settings: ManifestReader
  var event = Event.end
  var contents = ManifestContents()
  var networkPolicies: [NetworkPolicy] = []
  /// Places, shared texts and findings.
  var context: NodeContext
  /// Sets of labels that are kept once.
  var labelSets: Set<Labels>
  /// The labels read last: those of the next object are often the same.
  var lastLabels = Labels()
  /// The controller read last, likewise.
  var lastOwner: WorkloadReference?
  /// The number of objects, lists counted too.
  var objects = 0
  /// The policies of other projects that were left out.
  var unenforced = UnenforcedPolicies()
  /// Documents that are no objects.
  var leftOut = LeftOut()
  /// True where the source was found in a directory, so that it may be something else than manifests.
  let isPartOfDirectory: Bool
  /// The number of lists around the current object.
  var listDepth = 0
  /// Types of objects, by position, that an earlier reading learned too late: their other fields came first.
  let known: [Int: ObjectType]
  /// Types that this reading learned too late; if there are any, the source must be read again.
  var late: [Int: ObjectType] = [:]
  /// The known keys so far of the objects of the inventory that are open, each object's behind a mark.
  private var keys: [(word: FieldName, position: Int)] = []
  /// Room for the positions of the labels that are being read.
  var labelPositions: [Int] = []

  init(
    _ cursor: consuming Cursor, _ context: consuming NodeContext, _ settings: ManifestReader,
    known: [Int: ObjectType], labelSets: consuming Set<Labels> = [], isPartOfDirectory: Bool = false
  ) {
    self.cursor = cursor
    self.isPartOfDirectory = isPartOfDirectory
    self.context = context
    self.labelSets = labelSets
    self.settings = settings
    self.known = known
  }

  /// The places of the source.
  var map: SourceMap { context.map }

  /// Reads to the end of the source.
  ///
  /// - Parameter defaultType: the type of objects that do not say theirs.
  /// - Throws: the place where the source stops being YAML or JSON.
  mutating func readAll(defaultType: ObjectType? = nil) throws(SyntaxFault) {
    while true {
      try advance()
      switch event {
      case .end: return
      case .objectStart: try readObject(defaultType: defaultType)
      case .scalar where cursor.scalarKind == .null: continue
      case .arrayStart where isPartOfDirectory, .scalar where isPartOfDirectory:
        // A patch of JSON (RFC 6902), or data.
        leftOut.add(map.name, .noObject)
        try skip()
      default:
        objects += 1
        report(
          "wrong-type", "", "a document must be an object with apiVersion and kind, not \(describeEvent())")
        try skip()
      }
    }
  }
}

// MARK: Moving

extension DocumentReader where Cursor: ~Copyable {
  /// To the next event.
  @inline(__always)
  mutating func advance() throws(SyntaxFault) { event = try cursor.next() }

  /// Over the current value.
  @inline(__always)
  mutating func skip() throws(SyntaxFault) {
    if event == .objectStart || event == .arrayStart { try cursor.skipContainer() }
  }

  /// To the value of the next member of the object that was entered last; nil at its end, which leaves it.
  @inline(__always)
  mutating func nextMember(_ field: @autoclosure () -> String) throws(SyntaxFault) -> FieldName? {
    try advance()
    guard event == .key else {
      leaveObject()
      return nil
    }
    let word = FieldName(cursor.text)
    if word != .other {
      if word == .merge, cursor.isPlain {
        report("merge-key", field(), "YAML merge keys are not supported: write the fields out")
      }
      if let earlier = earlierKey(word) {
        let key = cursor.text.string
        reportTwice(key, at: cursor.position, earlier, "\(field()).\(key)")
      }
    }
    try advance()
    return word
  }

  /// To the value of the next member of an object of which any key may be meant; nil at its end.
  mutating func nextNamedMember() throws(SyntaxFault) -> String? {
    try advance()
    guard event == .key else { return nil }
    let name = cursor.text.string
    try advance()
    return name
  }

  /// To the list's next entry; false at the list's end.
  @inline(__always)
  mutating func nextEntry() throws(SyntaxFault) -> Bool {
    try advance()
    return event != .arrayEnd
  }

  /// True where the current value is an object; null is none, and anything else an error.
  mutating func isObject(_ field: @autoclosure () -> String) throws(SyntaxFault) -> Bool {
    if event == .objectStart { return true }
    try expected("an object", field)
    return false
  }

  /// True where the current value is an object, whose members `nextMember` then reads to the end; null is none, and
  /// anything else an error.
  @inline(__always)
  mutating func entersObject(_ field: @autoclosure () -> String) throws(SyntaxFault) -> Bool {
    guard try isObject(field()) else { return false }
    enterObject()
    return true
  }

  /// True where the current value is a list; null is none, and anything else an error.
  mutating func isList(_ field: @autoclosure () -> String) throws(SyntaxFault) -> Bool {
    if event == .arrayStart { return true }
    try expected("a list", field)
    return false
  }
}

// MARK: Keys written twice

extension DocumentReader where Cursor: ~Copyable {
  /// The keys that follow are those of a new object, up to `leaveObject`.
  @inline(__always)
  mutating func enterObject() { keys.append((.other, 0)) }

  /// Forgets the keys of the object that was entered last.
  @inline(__always)
  mutating func leaveObject() {
    while let key = keys.popLast(), key.word != .other {}
  }

  /// Where the object that was entered last has the known key already, which is the current event; otherwise this is
  /// the place. Few keys are known, so each object has only a few.
  @inline(__always)
  mutating func earlierKey(_ word: FieldName) -> Int? {
    var index = keys.count - 1
    while index >= 0, keys[index].word != .other {
      if keys[index].word == word { return keys[index].position }
      index -= 1
    }
    keys.append((word, cursor.position))
    return nil
  }

  /// Reports that a key is there twice: which of the two counts would be a guess.
  @inline(never)
  mutating func reportTwice(
    _ key: String, at position: Int, _ earlier: Int, _ field: String, _ advice: String = ""
  ) {
    report(
      .error, "duplicate-key", at: position, field,
      "the key \(Messages.quoted(key)) is written twice\(advice)",
      notes: [.init("first written here", at: location(earlier))])
  }
}

// MARK: Scalars

extension DocumentReader where Cursor: ~Copyable {
  /// The current value as text: nil for null and, with an error, for anything else.
  mutating func string(_ field: @autoclosure () -> String) throws(SyntaxFault) -> String? {
    guard event == .scalar, cursor.scalarKind == .string, cursor.decoration != .tag else {
      try expected("a string", field)
      return nil
    }
    return context.texts.string(cursor.text)
  }

  /// The current value as text that hardly any other object has.
  mutating func ownString(_ field: @autoclosure () -> String) throws(SyntaxFault) -> String? {
    guard event == .scalar, cursor.scalarKind == .string, cursor.decoration != .tag else {
      try expected("a string", field)
      return nil
    }
    return cursor.text.string
  }

  /// True where the current value is a text, and this one; an error for anything else but null.
  @inline(__always)
  mutating func isText(
    _ expectedText: StaticString, _ field: @autoclosure () -> String
  ) throws(SyntaxFault) -> Bool {
    guard event == .scalar, cursor.scalarKind == .string, cursor.decoration != .tag else {
      try expected("a string", field)
      return false
    }
    return cursor.text == expectedText
  }

  /// The current value as a truth value: nil for null and, with an error, for anything else.
  mutating func boolean(_ field: @autoclosure () -> String) throws(SyntaxFault) -> Bool? {
    guard event == .scalar, cursor.scalarKind == .boolean, cursor.decoration != .tag else {
      try expected("a boolean", field)
      return nil
    }
    return PlainScalar.boolean(cursor.text)
  }

  /// The current value as a whole number: nil for null and, with an error, for anything else.
  mutating func integer(_ field: @autoclosure () -> String) throws(SyntaxFault) -> Int? {
    guard event == .scalar, cursor.scalarKind == .integer, cursor.decoration != .tag,
      let value = PlainScalar.integer(cursor.text)
    else {
      try expected("an integer", field)
      return nil
    }
    return value
  }

  /// Reports that something else was expected, unless there is null; moves over the value.
  @inline(never)
  private mutating func expected(_ what: String, _ field: () -> String) throws(SyntaxFault) {
    if event == .scalar, cursor.scalarKind == .null, cursor.decoration != .tag { return }
    if event == .alias {
      report("alias", field(), "YAML aliases are not supported: write the value out")
    } else if cursor.decoration == .tag {
      report("tag", field(), "YAML tags are not supported: remove the tag")
    } else {
      report("wrong-type", field(), "must be \(what), but this is \(describeEvent())\(hint(what))")
    }
    try skip()
  }

  private func hint(_ what: String) -> String {
    what == "a string" && event == .scalar ? ": quote it" : ""
  }

  /// The current value in words.
  mutating func describeEvent() -> String {
    switch event {
    case .objectStart: "an object"
    case .arrayStart: "a list"
    case .alias: "a YAML alias"
    case .scalar: cursor.scalarKind.words
    default: "nothing"
    }
  }
}

// MARK: Findings

extension DocumentReader where Cursor: ~Copyable {
  /// An error at the current event.
  mutating func report(_ id: String, _ field: String, _ message: String) {
    report(.error, id, at: cursor.position, field, message)
  }

  /// A finding at an earlier position.
  mutating func report(
    _ severity: Severity, _ id: String, at position: Int, _ field: String, _ message: String,
    notes: [Diagnostic.Note] = []
  ) {
    context.report(severity, id, at: cursor.offset(of: position), field, message, notes: notes)
  }

  /// Where a position is.
  mutating func location(_ position: Int) -> SourceLocation { map.location(cursor.offset(of: position)) }
}
