/// The attributes of an object, held against the closed list of those that are known. Each occurs once at most.
struct AttributeList {
  private var found: [NetlinkBytes?] = []
  private let object: String

  /// The attributes that an object may have, as bits: `1 << kind`.
  struct Known {
    var plain: UInt64
    var nested: UInt64 = 0
    var lengths: [UInt16: Int]

    /// Attributes by their kinds; those in `nested` hold attributes themselves, those in `ignored` have so many bytes and
    /// are not looked at.
    init(_ plain: [UInt16], nested: [UInt16] = [], ignored: [UInt16: Int] = [:]) {
      lengths = ignored
      self.plain = (plain + ignored.keys).reduce(0) { $0 | 1 << UInt64($1) }
      self.nested = nested.reduce(0) { $0 | 1 << UInt64($1) }
    }
  }

  /// The attributes in a stretch of bytes.
  ///
  /// - Throws: the first that is not in the list, occurs twice or has flags that it should not have.
  init(_ bytes: NetlinkBytes, of object: String, _ known: Known) throws(UnknownPart) {
    self.object = object
    var place = bytes.range.lowerBound
    while let attribute = try bytes.nextAttribute(at: &place) {
      let kind = attribute.kind & ~NetlinkAttribute.nested
      let isMarked = attribute.kind & NetlinkAttribute.nested != 0
      let isNested = kind < 64 && known.nested >> kind & 1 == 1
      guard kind < 64, isNested || (known.plain >> kind & 1 == 1 && !isMarked) else {
        throw UnknownPart("\(object) has attribute \(attribute.kind)")
      }
      if let length = known.lengths[kind], attribute.content.count != length {
        throw UnknownPart("attribute \(kind) of \(object) has \(attribute.content.count) bytes")
      }
      while found.count <= Int(kind) { found.append(nil) }
      guard found[Int(kind)] == nil else { throw UnknownPart("\(object) has attribute \(kind) twice") }
      found[Int(kind)] = attribute.content
    }
  }

  /// An attribute's content; nil where it is missing.
  func content(_ kind: Int) -> NetlinkBytes? { kind < found.count ? found[kind] : nil }

  /// An attribute's content.
  ///
  /// - Throws: that it is missing.
  func required(_ kind: Int) throws(UnknownPart) -> NetlinkBytes {
    guard let content = content(kind) else { throw UnknownPart("\(object) has no attribute \(kind)") }
    return content
  }

  /// A number of the value's width; nil where the attribute is missing.
  func number<Value: FixedWidthInteger>(_ kind: Int, _ type: Value.Type = UInt32.self) throws(UnknownPart)
    -> Value?
  {
    guard let content = content(kind) else { return nil }
    return try content.number(type, of: "attribute \(kind) of \(object)")
  }

  /// A number of the value's width.
  ///
  /// - Throws: that it is missing, or has another width.
  func requiredNumber<Value: FixedWidthInteger>(_ kind: Int, _ type: Value.Type = UInt32.self)
    throws(UnknownPart) -> Value
  {
    try required(kind).number(type, of: "attribute \(kind) of \(object)")
  }

  /// The value of a text attribute.
  ///
  /// - Throws: that it is missing, or no text.
  func requiredText(_ kind: Int) throws(UnknownPart) -> String {
    try required(kind).text(of: "attribute \(kind) of \(object)")
  }

  /// An unknown part of the object.
  func unknown(_ text: String) -> UnknownPart { UnknownPart("\(object): \(text)") }
}
