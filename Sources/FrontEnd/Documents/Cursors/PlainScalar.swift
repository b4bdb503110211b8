/// The type of a YAML scalar without quotes, by the rules of the library that kubectl reads YAML with: YAML
/// 1.1's words and YAML 1.2's numbers.
public enum PlainScalar {
  /// The kind of a plain scalar.
  static func kind(_ text: EventText) -> ScalarKind {
    if text.count == 0 { return .null }
    switch text.start[0] {
    case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"), UInt8(ascii: "T"),
      UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "o"),
      UInt8(ascii: "O"):
      return text.count <= 5 ? word(text.string) : .string
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      return number(text)
    default:
      return .string
    }
  }

  private static func word(_ text: String) -> ScalarKind {
    switch text {
    case "~", "null", "Null", "NULL": .null
    case "true", "True", "TRUE", "false", "False", "FALSE", "y", "Y", "yes", "Yes", "YES", "n", "N", "no",
      "No", "NO", "on", "On", "ON", "off", "Off", "OFF":
      .boolean
    default: .string
    }
  }

  private static func number(_ text: EventText) -> ScalarKind {
    if integer(text) != nil { return .integer }
    let word = text.string
    switch word {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
      return .number
    default:
      let digits = word.filter { $0 != "_" }
      return isFloat(Array(digits.utf8)) ? .number : .string
    }
  }

  /// The truth value of a scalar of kind boolean.
  public static func boolean(_ text: EventText) -> Bool {
    switch text.start[0] | 0x20 {
    case UInt8(ascii: "t"), UInt8(ascii: "y"): true
    case UInt8(ascii: "o"): text.count == 2
    default: false
    }
  }

  /// The number that a scalar of kind integer is; nil when it is none or too large.
  ///
  /// `0x`, `0o`, `0b` and a leading zero give the base, underscores are skipped.
  public static func integer(_ text: EventText) -> Int? {
    var index = 0
    var negative = false
    if text.count > 0, text.start[0] == UInt8(ascii: "-") || text.start[0] == UInt8(ascii: "+") {
      negative = text.start[0] == UInt8(ascii: "-")
      index = 1
    }
    var radix = 10
    if text.count - index > 1, text.start[index] == UInt8(ascii: "0") {
      switch text.start[index + 1] | 0x20 {
      case UInt8(ascii: "x"): (radix, index) = (16, index + 2)
      case UInt8(ascii: "o"): (radix, index) = (8, index + 2)
      case UInt8(ascii: "b"): (radix, index) = (2, index + 2)
      default: (radix, index) = (8, index + 1)
      }
    }
    var value = 0
    var digits = 0
    while index < text.count {
      let byte = text.start[index]
      index += 1
      if byte == UInt8(ascii: "_") { continue }
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: radix)
      let (sum, overflow) = product.addingReportingOverflow(digit)
      if tooLarge || overflow { return nil }
      value = sum
      digits += 1
    }
    return digits == 0 ? nil : negative ? -value : value
  }

  private static func isFloat(_ bytes: [UInt8]) -> Bool {
    var index = 0
    func digits() -> Int {
      let from = index
      while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 { index += 1 }
      return index - from
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
      index += 1
    }
    let whole = digits()
    var fraction = 0
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      fraction = digits()
    }
    guard whole + fraction > 0 else { return false }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
        index += 1
      }
      guard digits() > 0 else { return false }
    }
    return index == bytes.count
  }
}
