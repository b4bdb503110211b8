import Addresses
import Glibc
import JSONText
import KubernetesAPI
import NodeAgent
import SystemPackage

/// The files that an agent leaves in its run directory for the next one: the runtime's word about sandboxes, and how many objects
/// there were.
struct AgentMemory: Sendable {
  /// The numbers of objects, by kind.
  struct Counts: Sendable, Equatable {
    var pods: Int
    var namespaces: Int
    var policies: Int
    var clusterPolicies: Int

    /// True where the kinds with objects are the same.
    func hasKinds(of other: Counts) -> Bool {
      FollowedKind.allCases.allSatisfy { (self[$0] == 0) == (other[$0] == 0) }
    }

    subscript(kind: FollowedKind) -> Int {
      switch kind {
      case .pods: pods
      case .namespaces: namespaces
      case .policies: policies
      case .clusterPolicies: clusterPolicies
      case .node, .nodes: 0
      }
    }
  }

  let directory: String

  /// The counts of the agent before; nil where there was none since the boot.
  func counts() -> Counts? {
    guard let value = read("counts.json") else { return nil }
    func number(_ key: String) -> Int { value[key]?.integer.flatMap { Int(exactly: $0) } ?? 0 }
    return Counts(
      pods: number("pods"), namespaces: number("namespaces"), policies: number("policies"),
      clusterPolicies: number("clusterPolicies"))
  }

  /// Keeps the counts.
  ///
  /// - Returns: the reason why they are not kept; nil where they are.
  func write(_ counts: Counts) -> String? {
    var writer = JSONWriter()
    writer.object { writer in
      for (key, value) in [
        ("pods", counts.pods), ("namespaces", counts.namespaces), ("policies", counts.policies),
        ("clusterPolicies", counts.clusterPolicies),
      ] {
        writer.key(key)
        writer.number(value)
      }
    }
    return write("counts.json", writer.text)
  }

  /// The sandboxes that the previous agent knew.
  func attachments() -> [SandboxAttachment] {
    (read("sandboxes.json")?.array ?? []).map { entry in
      func text(_ key: String) -> String { entry[key]?.string ?? "" }
      return SandboxAttachment(
        id: text("id"), namespace: text("namespace"), name: text("name"), uid: text("uid"),
        addresses: (entry["addresses"]?.array ?? []).compactMap {
          $0.string.flatMap { IPAddress($0)?.withoutMapping }
        })
    }
  }

  /// Keeps the sandboxes.
  ///
  /// - Returns: the reason why they are not kept; nil where they are.
  func keep(_ attachments: [SandboxAttachment]) -> String? {
    var writer = JSONWriter()
    writer.array { writer in
      for attachment in attachments {
        writer.object { writer in
          for (key, value) in [
            ("id", attachment.id), ("namespace", attachment.namespace), ("name", attachment.name),
            ("uid", attachment.uid),
          ] {
            writer.key(key)
            writer.string(value)
          }
          writer.key("addresses")
          writer.array { writer in for address in attachment.addresses { writer.string("\(address)") } }
        }
      }
    }
    return write("sandboxes.json", writer.text)
  }

  private func read(_ name: String) -> JSONValue? {
    guard let bytes = try? SecretSource.file("\(directory)/\(name)").read() else { return nil }
    var scanner = JSONScanner(String(decoding: bytes, as: UTF8.self))
    return try? scanner.value()
  }

  /// Exchanges a file as a whole.
  ///
  /// - Returns: the reason why it is as it was; nil where it is exchanged. The next agent then waits for the API's word alone.
  private func write(_ name: String, _ text: String) -> String? {
    let (path, new) = ("\(directory)/\(name)", "\(directory)/.\(name).new")
    do {
      let file = try FileDescriptor.open(
        FilePath(new), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
      try file.closeAfter { _ = try file.writeAll(Array(text.utf8)) }
      guard rename(new, path) == 0 else { throw Errno(rawValue: errno) }
      return nil
    } catch { return "\(path): \(error)" }
  }
}
