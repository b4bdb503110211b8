import JSONText

extension APIStatus {
  /// Reads a refusal.
  ///
  /// - Parameters:
  ///   - code: the HTTP status; nil: that of the `Status` object.
  ///   - body: a `Status` as JSON, or any text.
  ///   - retryAfter: seconds of the header `Retry-After`.
  init(code: Int?, body: [UInt8], retryAfter: Int? = nil) {
    let text = String(decoding: body, as: UTF8.self)
    var scanner = JSONScanner(text)
    let status = try? scanner.value()
    let details = status?["details"]
    let seconds = retryAfter ?? details?["retryAfterSeconds"]?.integer.flatMap { Int(exactly: $0) }
    let causes = details?["causes"]?.array ?? []
    let line = text.prefix { $0 != "\n" }.prefix(200)
    self.init(
      code: code ?? status?["code"]?.integer.flatMap { Int(exactly: $0) } ?? 0,
      reason: status?["reason"]?.string ?? "",
      message: status?["message"]?.string ?? (status == nil ? String(line) : ""),
      retryAfter: seconds.map { .seconds(min(max($0, 0), 300)) },
      isOfFuture: causes.contains { $0["reason"]?.string == "ResourceVersionTooLarge" })
  }
}
