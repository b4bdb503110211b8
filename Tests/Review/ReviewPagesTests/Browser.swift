import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A browser without a window that opens one page, driven through the DevTools protocol over two named pipes: real
/// keys and clicks, and whatever the page complains about.
final class Browser {
  /// What the page complained about: exceptions, errors on the console, what it was refused.
  private(set) var complaints: [String] = []
  private let folder: TemporaryFolder
  private let process = Process()
  private let requests: Int32
  private let answers: Int32
  private var received: [UInt8] = []
  private var session: String?
  private var number = 0
  private var isLoaded = false

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Opens a page from a file, at `#hash` if there is one, and waits until it is loaded.
  init(_ page: String, hash: String = "", width: Int = 1280, height: Int = 900) throws {
    guard let program = TestEnvironment.browser else { throw Failure(description: "no browser") }
    folder = try TemporaryFolder()
    let (pipeIn, pipeOut) = (folder.path("in"), folder.path("out"))
    guard mkfifo(pipeIn, 0o600) == 0, mkfifo(pipeOut, 0o600) == 0 else {
      throw Failure(description: "mkfifo")
    }
    // For reading and writing: neither end waits for the other.
    requests = open(pipeIn, O_RDWR | O_CLOEXEC)
    answers = open(pipeOut, O_RDWR | O_CLOEXEC)
    try folder.write("page.html", page)
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "exec \"$0\" \"$@\" 3<\"$IN\" 4>\"$OUT\"", program, "--headless=new", "--no-sandbox",
      "--disable-gpu",
      "--user-data-dir=\(folder.path("profile"))", "--remote-debugging-pipe", "--disable-dev-shm-usage",
      "--window-size=\(width),\(height)", "--no-first-run", "--disable-extensions", "about:blank",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(["IN": pipeIn, "OUT": pipeOut]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let target = try call("Target.createTarget", ["url": "about:blank"])
    let attached = try call(
      "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
    session = attached["sessionId"] as? String
    for domain in ["Runtime", "Log", "Page"] { try call("\(domain).enable") }
    try call("Page.navigate", ["url": "file://\(folder.path("page.html"))\(hash)"])
    while !isLoaded { try take() }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    close(requests)
    close(answers)
  }

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

  /// Sends a command and waits for its answer.
  @discardableResult
  func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    number += 1
    var message: [String: Any] = ["id": number, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    var bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
    while !bytes.isEmpty {
      let count = write(requests, bytes, bytes.count)
      guard count > 0 else { throw Failure(description: "\(method): cannot be sent") }
      bytes.removeFirst(count)
    }
    while true {
      let answer = try take()
      guard answer["id"] as? Int == number else { continue }
      if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }

  /// The next message; events are noted.
  @discardableResult
  private func take() throws -> [String: Any] {
    while true {
      if let end = received.firstIndex(of: 0) {
        let data = Data(received[..<end])
        received.removeFirst(end + 1)
        let message = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        note(message)
        return message
      }
      var ready = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
      // A browser that died says nothing any more.
      guard poll(&ready, 1, 60_000) == 1 else { throw Failure(description: "the browser does not answer") }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(answers, &chunk, chunk.count)
      guard count > 0 else { throw Failure(description: "the browser is gone") }
      received += chunk[..<count]
    }
  }

  private func note(_ message: [String: Any]) {
    let parameters = message["params"] as? [String: Any] ?? [:]
    switch message["method"] as? String {
    case "Page.loadEventFired": isLoaded = true
    case "Runtime.exceptionThrown", "Runtime.consoleAPICalled": complaints.append("\(parameters)")
    case "Log.entryAdded": complaints.append("\(parameters)")
    default: break
    }
  }
}
