import Foundation
import TestSupport

/// A page in a tab of the browser, driven through the DevTools protocol: real keys and clicks, and whatever the page
/// complains about.
final class Browser {
  /// The exceptions, errors on the console and refused loads of the page.
  private(set) var complaints: [String] = []
  private let process: BrowserProcess
  private let folder: TemporaryFolder
  private let target: String
  private var session: String?
  private var isLoaded = false

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Opens a page from a file, at `#hash` if there is one, and waits until it is loaded.
  ///
  /// - Parameters:
  ///   - page: the text of the file.
  ///   - hash: what stands behind `#` in its address.
  ///   - width: the width of the window, in CSS pixels.
  ///   - height: its height.
  ///   - media: the medium and features that the page is told, such as `["prefers-color-scheme": "dark"]`.
  ///   - medium: `print`, or nothing for the screen.
  /// - Throws: where there is no browser, or it does not answer.
  @BrowserActor
  init(
    _ page: String, hash: String = "", width: Int = 1280, height: Int = 900, media: [String: String] = [:],
    medium: String = ""
  ) throws {
    process = try .running()
    folder = try TemporaryFolder()
    try folder.write("page.html", page)
    let made = try process.call("Target.createTarget", ["url": "about:blank"])
    target = made["targetId"] as? String ?? ""
    let attached = try process.call("Target.attachToTarget", ["targetId": target, "flatten": true])
    session = attached["sessionId"] as? String
    for domain in ["Runtime", "Log", "Page"] { try call("\(domain).enable") }
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
    try call("Emulation.setFocusEmulationEnabled", ["enabled": true])
    try call(
      "Emulation.setEmulatedMedia",
      ["media": medium, "features": media.map { ["name": $0.key, "value": $0.value] }])
    try call("Page.navigate", ["url": "file://\(folder.path("page.html"))\(hash)"])
    while !isLoaded { note(try process.take()) }
  }

  deinit { _ = try? process.call("Target.closeTarget", ["targetId": target]) }

  /// The value of an expression.
  @discardableResult
  func value(_ expression: String) throws -> Any? {
    let answer = try call(
      "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
    if let details = answer["exceptionDetails"] { throw Failure(description: "\(expression): \(details)") }
    return (answer["result"] as? [String: Any])?["value"]
  }

  /// The value of an expression as text.
  func text(_ expression: String) throws -> String { "\(try value(expression) ?? "nothing")" }

  /// Presses a key, as a keyboard does.
  func press(_ key: String, text: String? = nil, modifiers: Int = 0) throws {
    let codes = [
      "Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
      "End": 35,
      "Home": 36, "PageDown": 34, " ": 32,
    ]
    var event: [String: Any] = ["key": key, "modifiers": modifiers]
    event["windowsVirtualKeyCode"] = codes[key]
    if let text = text ?? (key == "Enter" ? "\r" : nil) { event["text"] = text }
    for type in ["keyDown", "keyUp"] {
      event["type"] = type
      try call("Input.dispatchKeyEvent", event)
    }
  }

  /// Types words into what has the focus.
  func type(_ words: String) throws { try call("Input.insertText", ["text": words]) }

  /// Clicks in the middle of the first element that a selector finds.
  func click(_ selector: String) throws {
    let place = try value(
      "(() => { const found = document.querySelector(\(Self.quoted(selector))); found.scrollIntoView({block: 'center'}); const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
    )
    guard let point = place as? [Double] else { throw Failure(description: "\(selector) is nowhere") }
    for type in ["mousePressed", "mouseReleased"] {
      try call(
        "Input.dispatchMouseEvent",
        ["type": type, "x": point[0], "y": point[1], "button": "left", "clickCount": 1])
    }
  }

  static func quoted(_ text: String) -> String {
    let data = try? JSONSerialization.data(withJSONObject: [text])
    return String(String(decoding: data ?? Data(), as: UTF8.self).dropFirst().dropLast())
  }

  /// Sends a command to the page and waits for its answer.
  @discardableResult
  func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    try process.call(method, parameters, session: session, note)
  }

  private func note(_ message: [String: Any]) {
    guard message["sessionId"] as? String == session else { return }
    let parameters = message["params"] as? [String: Any] ?? [:]
    switch message["method"] as? String {
    case "Page.loadEventFired": isLoaded = true
    case "Runtime.exceptionThrown", "Runtime.consoleAPICalled": complaints.append("\(parameters)")
    case "Log.entryAdded": complaints.append("\(parameters)")
    default: break
    }
  }
}
