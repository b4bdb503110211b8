import Wording

/// HTML with slots such as `{{title}}`, read from a file of the folder `Page`.
///
/// A slot is filled with `HTMLText`, so an input is escaped before it can stand in a page.
struct PageTemplate {
  private enum Part {
    case text(String)
    case slot(String)
  }

  private let parts: [Part]

  /// A template of a file's bytes, which are UTF-8. `{{` without its `}}` is text.
  init(_ bytes: [UInt8]) {
    var parts: [Part] = []
    var rest = Substring(String(decoding: bytes, as: UTF8.self))
    while let open = rest.firstRange(of: "{{"),
      let close = rest[open.upperBound...].firstRange(of: "}}")
    {
      parts.append(.text(String(rest[..<open.lowerBound])))
      parts.append(.slot(String(rest[open.upperBound..<close.lowerBound])))
      rest = rest[close.upperBound...]
    }
    self.parts = parts + [.text(String(rest))]
  }

  /// The names of the slots.
  var slots: Set<String> {
    Set(parts.compactMap { if case .slot(let name) = $0 { name } else { nil } })
  }

  /// The template with its slots filled.
  ///
  /// - Parameter values: a text for each slot, and for no other name.
  /// - Returns: the page, or the part of it.
  func filled(_ values: [String: HTMLText]) -> HTMLText {
    precondition(Set(values.keys) == slots, "slots \(slots.sorted()) filled with \(values.keys.sorted())")
    var result = HTMLText()
    for part in parts {
      switch part {
      case .text(let text): result += HTMLText(trusted: text)
      case .slot(let name): result += values[name] ?? HTMLText()
      }
    }
    return result
  }
}
