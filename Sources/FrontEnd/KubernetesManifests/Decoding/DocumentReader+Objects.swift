import Diagnostics
import PolicyModel
import Documents

/// The kind, name and place of the object that is being read.
struct ObjectHead {
  let position: Int
  var type: ObjectType
  /// Positions of the two fields, for findings.
  var apiVersionPosition: Int?
  var kindPosition: Int?
  /// The members before the type was known were skipped, and the object must be read again.
  var isLate = false
  /// It has `metadata` or `spec`, as every object that matters here.
  var hasObjectFields = false
}

extension DocumentReader where Cursor: ~Copyable {
  /// Reads the object that begins at the current event.
  ///
  /// - Parameter defaultType: the type of a typed list's entries, which need not say it.
  /// - Throws: where the source stops being YAML or JSON.
  mutating func readObject(defaultType: ObjectType?) throws(SyntaxFault) {
    var head = ObjectHead(position: cursor.position, type: known[cursor.position] ?? ObjectType())
    let isKnown = known[cursor.position] != nil
    var draft = ObjectDraft()
    var isList = false
    /// True where members were read by the default type.
    var isByDefault = false
    /// The type of the members read last, its kind, and whether the default type completes it; nil where it must be found.
    var settled: (type: ObjectType, kind: Kind?, isByDefault: Bool)?
    enterObject()
    while true {
      try advance()
      guard event == .key else { break }
      let keyPosition = cursor.position
      let word = FieldName(cursor.text)
      let earlier = word == .other ? nil : earlierKey(word)
      if word == .metadata || word == .spec || word == .items { head.hasObjectFields = true }
      switch word {
      case .apiVersion:
        if let earlier { reportSecondType("apiVersion", earlier) }
        settled = nil
        try advance()
        head.apiVersionPosition = cursor.position
        head.type.apiVersion = try string("apiVersion") ?? head.type.apiVersion
        if isByDefault, !isKnown, head.type.apiVersion != defaultType?.apiVersion { head.isLate = true }
        continue
      case .kind:
        if let earlier { reportSecondType("kind", earlier) }
        settled = nil
        try advance()
        head.kindPosition = cursor.position
        head.type.kind = try string("kind") ?? head.type.kind
        if isByDefault, !isKnown, head.type.kind != defaultType?.kind { head.isLate = true }
        continue
      default:
        break
      }
      if settled == nil {
        let type = head.type.completed(by: defaultType)
        settled = (type, type.readableKind(settings.formats), type != head.type)
      }
      let (kindName, kind) = (settled?.type.kind, settled?.kind)
      isByDefault = isByDefault || settled?.isByDefault == true
      if let earlier, kind != nil || word == .items {
        let key = cursor.text.string
        reportTwice(key, at: keyPosition, earlier, key)
      }
      switch kind {
      case .policy where head.isLate:
        // What came before the kind was passed over: the next reading knows it from the start.
        try advance()
        try skip()
      case .policy where !settings.inventoryOnly:
        try readPolicy(head, defaultType, keyPosition)
        leaveObject()
        return
      case _ where word == .items:
        // kubectl takes any object with a list of items for a list, whatever its kind is called.
        try advance()
        if event == .arrayStart || kind?.isList == true
          || kind == nil && (kindName?.hasSuffix("List") ?? true)
        {
          isList = true
          try readItems(ofListOf: kindName, &head, keyIsKnown: isKnown)
        } else {
          try skip()
        }
      case nil where kindName == nil && !isKnown:
        head.isLate = true
        try advance()
        try skip()
      case .some(let kind):
        if word == .merge, cursor.isPlain {
          report("merge-key", "", "YAML merge keys are not supported: write the fields out")
        }
        try advance()
        if case .inventory(let kind) = kind { try readMember(word, of: kind, &draft) } else { try skip() }
      case nil:
        try advance()
        if let path = kindName.flatMap({ settings.workloadKinds.templatePath(ofKind: $0) }) {
          try readCustomMember(word, path, &draft)
        } else {
          try skip()
        }
      }
    }
    leaveObject()
    try finish(head, defaultType, draft, isList: isList)
  }

  /// A second type in one object: most likely two objects with nothing between, of which one would be lost.
  private mutating func reportSecondType(_ key: String, _ earlier: Int) {
    reportTwice(key, at: cursor.position, earlier, key, "; a line '---' parts two objects")
  }

  /// Reads the entries of a list, each an object.
  private mutating func readItems(
    ofListOf kindName: String?, _ head: inout ObjectHead, keyIsKnown: Bool
  ) throws(SyntaxFault) {
    guard try isList("items") else { return }
    listDepth += 1
    defer { listDepth -= 1 }
    let type = ObjectType(apiVersion: head.type.apiVersion, kind: kindName).ofEntries(settings.formats)
    var index = -1
    var ahead: ArraySlice<EntriesAhead> = []
    defer { for part in ahead { part.leave() } }
    while try nextEntry() {
      index += 1
      if index == 0, event == .objectStart, known.isEmpty {
        ahead = cursor.readAhead(settings, entriesOf: type)[...]
      }
      if let next = ahead.first, cursor.position >= next.start, try take(&ahead, &index) { break }
      guard try isObject("items[\(index)]") else { continue }
      let before = context.diagnostics.count
      let wasLate = late.count
      try readObject(defaultType: type)
      // Without the list's kind an entry may lack its own: wait for the list to say it.
      if kindName == nil, !keyIsKnown, context.diagnostics.count > before || late.count > wasLate {
        head.isLate = true
      }
    }
  }

  /// Checks the type and files the object.
  private mutating func finish(
    _ head: ObjectHead, _ defaultType: ObjectType?, _ draft: ObjectDraft, isList: Bool
  ) throws(SyntaxFault) {
    let type = head.type.completed(by: defaultType)
    if isPartOfDirectory, listDepth == 0, type.apiVersion == nil, type.kind == nil, !head.hasObjectFields,
      head.apiVersionPosition == nil, head.kindPosition == nil
    {
      leftOut.add(map.name, .noObject)
      return
    }
    objects += 1
    guard checkType(type, head, isList: isList), let kindName = type.kind else { return }
    if head.isLate {
      late[head.position] = head.type
      return
    }
    if isList { return }
    let isForeign = type.isOfForeignGroup(settings.formats)
    guard !isForeign, let kind = Kind(kindName, of: type, settings.formats) else {
      if draft.hasPodTemplate {
        fileCustomWorkload(draft, kindName, head.position)
        return
      }
      if isForeign || Kind.entries(ofList: type, settings.formats) == nil { skipObject(type, head) }
      return
    }
    switch kind {
    case .policy:
      report(
        .error, "policy-in-inventory", at: head.kindPosition ?? head.position, "kind",
        "an inventory may not hold \(kind.withArticle)")
    case .inventory(let kind): file(draft, kind, head.position)
    }
  }

  /// Counts an object that netpolc does not use. Other kinds of policies filter too, only not through netpolc: they are
  /// remembered for a warning of their own.
  mutating func skipObject(_ type: ObjectType, _ head: ObjectHead) {
    guard let kind = type.kind else { return }
    contents.skipped[kind, default: 0] += 1
    guard type.isOfOtherPolicies else { return }
    let offset = cursor.offset(of: head.kindPosition ?? head.position)
    unenforced.add(type, at: map.location(offset), line: map.line(at: offset))
  }

  /// True where the type is one that can be: both fields there, of a known kind the known version, and of the
  /// groups of network policies a known kind. A list may be of any kind.
  mutating func checkType(_ type: ObjectType, _ head: ObjectHead, isList: Bool = false) -> Bool {
    guard let kind = type.kind, !kind.isEmpty else {
      report(.error, "missing-kind", at: head.position, "kind", "Required value: kind is not set")
      return false
    }
    guard let version = type.apiVersion, !version.isEmpty else {
      report(
        .error, "missing-api-version", at: head.position, "apiVersion",
        "Required value: apiVersion is not set")
      return false
    }
    if !isList, let fault = PolicyGroups.unknownKind(type, settings.formats) {
      report(.error, "unknown-kind", at: head.kindPosition ?? head.position, "kind", fault)
      return false
    }
    let entries = Kind.entries(ofList: type, settings.formats)
    guard let known = Kind(kind, of: type, settings.formats) ?? entries, !known.apiVersions.contains(version),
      !type.isOfForeignGroup(settings.formats)
    else { return true }
    let supported = known.apiVersions.map { "\"\($0)\"" }.joined(separator: ", ")
    report(
      .error, "unknown-api-version", at: head.apiVersionPosition ?? head.position, "apiVersion",
      "Unsupported value: \"\(version)\": supported values: \(supported) for kind \(kind)")
    return false
  }
}
