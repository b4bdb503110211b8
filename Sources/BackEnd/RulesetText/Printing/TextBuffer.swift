import Addresses
import Ruleset

/// Bytes of text that know which line they have come to.
struct TextBuffer {
  private(set) var bytes: [UInt8] = []
  /// The line that the next byte belongs to, from 1.
  private(set) var line = 1

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

  /// Text without line breaks.
  mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Bytes with so many line breaks among them.
  mutating func put(_ text: [UInt8], lines: Int) {
    bytes.append(contentsOf: text)
    line += lines
  }

  mutating func newline() {
    bytes.append(UInt8(ascii: "\n"))
    line += 1
  }

  /// A whole line, indented by tabs.
  mutating func line(_ indent: Int, _ text: String) {
    tabs(indent)
    put(text)
    newline()
  }

  mutating func tabs(_ count: Int) {
    for _ in 0..<count { bytes.append(UInt8(ascii: "\t")) }
  }

  /// Text that may have line breaks of its own.
  mutating func lines(_ text: String) {
    for byte in text.utf8 {
      bytes.append(byte)
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
  }

  /// The key of an element or the operand of a match.
  mutating func key(_ key: ElementKey, _ notations: [Notation]) {
    switch key {
    case .single(let interval):
      bytes.appendInterval(interval, notations.first ?? .mark)
    case .concatenation(let fields):
      for (index, field) in fields.enumerated() {
        if index > 0 { put(" . ") }
        bytes.appendInterval(field, index < notations.count ? notations[index] : .mark)
      }
    }
  }

  mutating func verdict(_ verdict: Verdict) {
    switch verdict {
    case .accept: put("accept")
    case .drop: put("drop")
    case .continue: put("continue")
    case .return: put("return")
    case .jump(let chain):
      put("jump ")
      put(chain)
    case .goto(let chain):
      put("goto ")
      put(chain)
    }
  }
}

extension [UInt8] {
  /// A number in decimal.
  mutating func appendDecimal(_ number: UInt32) {
    if number < 10 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number))
      return
    }
    appendDecimal(number / 10)
    append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }

  /// A mark, as nft prints it.
  mutating func appendMark(_ number: UInt128) {
    append(contentsOf: "0x".utf8)
    for shift in stride(from: 28, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: number >> UInt128(shift)) & 15
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  /// An address without its prefix length.
  mutating func appendAddress(_ bits: UInt128, _ family: IPFamily) {
    switch family {
    case .ipv4:
      let number = UInt32(truncatingIfNeeded: bits)
      appendDecimal(number >> 24)
      append(UInt8(ascii: "."))
      appendDecimal(number >> 16 & 255)
      append(UInt8(ascii: "."))
      appendDecimal(number >> 8 & 255)
      append(UInt8(ascii: "."))
      appendDecimal(number & 255)
    case .ipv6:
      append(contentsOf: IPAddress(.ipv6, bits: bits).description.utf8)
    }
  }

  /// One value or range as nft text writes it. Ranges are written in numbers.
  mutating func appendInterval(_ interval: Interval<UInt128>, _ notation: Notation) {
    if notation == .interface, let name = InterfaceName.name(interval) {
      append(UInt8(ascii: "\""))
      append(contentsOf: name.utf8)
      append(UInt8(ascii: "\""))
    } else if let length = notation.prefixLength(interval), let family = notation.family {
      appendAddress(interval.lower, family)
      append(UInt8(ascii: "/"))
      appendDecimal(UInt32(length))
    } else if interval.isSingle {
      appendValue(interval.lower, notation, byName: true)
    } else {
      appendValue(interval.lower, notation, byName: false)
      append(UInt8(ascii: "-"))
      appendValue(interval.upper, notation, byName: false)
    }
  }

  private mutating func appendValue(_ value: UInt128, _ notation: Notation, byName: Bool) {
    if let family = notation.family {
      appendAddress(value & family.maximum, family)
    } else if byName, let name = notation.printed?.name(value) {
      append(contentsOf: name.utf8)
    } else if notation == .mark {
      appendMark(value)
    } else if value <= UInt128(UInt32.max) {
      appendDecimal(UInt32(value))
    } else {
      append(contentsOf: String(value).utf8)
    }
  }
}
