public import JSONText

/// A message or question of the plugin for the agent: one line of JSON over the agent's socket.
public struct AttachmentMessage: Sendable, Hashable {
  /// The verb of the message.
  public enum Verb: String, Sendable, Hashable {
    /// A pod has addresses: answer when its policies are in force.
    case add = "ADD"
    /// A pod's sandbox goes.
    case remove = "DEL"
    /// Are a pod's policies in force?
    case check = "CHECK"
    /// Only these attachments are left.
    case collect = "GC"
    /// Can pods be added?
    case status = "STATUS"
  }

  /// The verb of the message.
  public var verb: Verb
  /// The sandbox's identifier.
  public var container: String
  /// The interface in the sandbox.
  public var interface: String
  /// The pod's namespace.
  public var namespace: String
  /// The pod's name.
  public var name: String
  /// The pod's UID as the runtime knows it; empty where it gives none.
  public var uid: String
  /// The pod's addresses, as text.
  public var addresses: [String]
  /// The attachments that are left, as `container/interface`; for `collect`.
  public var attachments: [String]

  /// Makes a message of its parts.
  public init(
    _ verb: Verb, container: String = "", interface: String = "", namespace: String = "", name: String = "",
    uid: String = "", addresses: [String] = [], attachments: [String] = []
  ) {
    self.verb = verb
    self.container = container
    self.interface = interface
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.addresses = addresses
    self.attachments = attachments
  }

  /// The line, with its end.
  public var line: String {
    var writer = JSONWriter()
    writer.object { writer in
      for (key, value) in [
        ("verb", verb.rawValue), ("container", container), ("interface", interface), ("namespace", namespace),
        ("name", name), ("uid", uid),
      ] {
        writer.key(key)
        writer.string(value)
      }
      for (key, list) in [("addresses", addresses), ("attachments", attachments)] {
        writer.key(key)
        writer.array { writer in for entry in list { writer.string(entry) } }
      }
    }
    return writer.text.split(separator: "\n").joined() + "\n"
  }

  /// Reads a line.
  ///
  /// - Throws: `JSONFailure` where it is no message.
  public init(line: String) throws(JSONFailure) {
    var scanner = JSONScanner(line)
    let value = try scanner.value()
    guard let verb = value["verb"]?.string.flatMap(Verb.init) else { throw scanner.failure("no verb") }
    func text(_ key: String) -> String { value[key]?.string ?? "" }
    func list(_ key: String) -> [String] { (value[key]?.array ?? []).compactMap(\.string) }
    self.init(
      verb, container: text("container"), interface: text("interface"), namespace: text("namespace"),
      name: text("name"), uid: text("uid"), addresses: list("addresses"), attachments: list("attachments"))
  }

  /// The agent's answer: empty for *done*, otherwise the reason, and a line end.
  public static func answer(_ reason: String?) -> String {
    // Not by `replacing`, which brings the readers of regular expressions into the plugin.
    String((reason ?? "").map { $0 == "\n" || $0 == "\r\n" ? " " : $0 }) + "\n"
  }
}
