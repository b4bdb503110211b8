/// Text for HTML pages.
enum HTML {
  /// Text that means nothing to HTML, in elements and in quoted attributes.
  static func escaped(_ text: String) -> String {
    Style.printable(text).reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
  }

  /// A page that asks the network for nothing.
  static func page(title: String, body: String, script: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
    <title>\(escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    \(body)
    <script>
    \(script)
    </script>
    </body>
    </html>

    """
  }

  private static let style = """
    :root { color-scheme: light dark; --text: #1b1f24; --back: #ffffff; --line: #d0d7de; --soft: #f3f5f7; --dim: #57606a;
      --wide: #b42318; --wide-back: #fdeceb; --narrow: #116329; --narrow-back: #e6f4ea; --both: #7a4d00; --both-back: #fdf3dc; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --back: #0d1117; --line: #30363d; --soft: #161b22;
      --dim: #9198a1; --wide: #ff9b92; --wide-back: #3a1513; --narrow: #7ee2a0; --narrow-back: #0f2f1b; --both: #f2cc60;
      --both-back: #332707; } }
    * { box-sizing: border-box; }
    body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0 auto; padding: 1.5rem;
      max-width: 90rem; }
    h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
    .dim { color: var(--dim); } code { font: .92em ui-monospace, monospace; }
    .tools { position: sticky; top: 0; background: var(--back); padding: .5rem 0; display: flex; gap: 1rem; flex-wrap: wrap;
      align-items: center; border-bottom: 1px solid var(--line); z-index: 2; }
    input[type=search] { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .4rem;
      padding: .35rem .6rem; min-width: 18rem; flex: 1; }
    :focus-visible { outline: 3px solid #4c8dff; outline-offset: 1px; }
    .scroll { overflow-x: auto; max-height: 70vh; }
    table { border-collapse: collapse; } th, td { border: 1px solid var(--line); padding: .3rem .55rem; text-align: left;
      vertical-align: top; }
    thead th { position: sticky; top: 0; background: var(--soft); } tbody th { background: var(--soft); font-weight: 500; }
    .widened { background: var(--wide-back); color: var(--wide); } .narrowed { background: var(--narrow-back); color: var(--narrow); }
    .changed { background: var(--both-back); color: var(--both); } td a { color: inherit; }
    details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; }
    summary { padding: .5rem .7rem; cursor: pointer; } details > div { padding: 0 .9rem .7rem; overflow-wrap: anywhere; }
    .tag { border-radius: .3rem; padding: .1rem .45rem; font-weight: 600; font-size: .85em; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .8rem; margin: .3rem 0; } dt { color: var(--dim); }
    dd { margin: 0; } [hidden] { display: none !important; }
    @media print { .tools { display: none; } .scroll { max-height: none; overflow: visible; } details > div { display: block; }
      body { max-width: none; padding: 0; font-size: 10pt; } details { break-inside: avoid; } }
    """
}
