import Wording

/// Text for HTML pages.
enum HTML {
  /// Text that means nothing to HTML, in elements and in quoted attributes.
  static func escaped(_ text: String) -> String {
    ForeignText(text).html
  }

  /// A page that asks the network for nothing.
  ///
  /// - Parameters:
  ///   - title: its title, plain text.
  ///   - body: what it shows.
  ///   - data: JSON without `<`, which the scripts read.
  ///   - scripts: parts of its script, in their order.
  /// - Returns: the page.
  static func page(title: String, body: String, data: String, scripts: [String]) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
    <title>\(escaped(title))</title>
    <style>
    \(PageStyle.text)
    </style>
    </head>
    <body>
    \(body)
    <script type="application/json" id="data">\(data)</script>
    <script>
    \(scripts.joined(separator: "\n"))
    </script>
    </body>
    </html>

    """
  }
}
