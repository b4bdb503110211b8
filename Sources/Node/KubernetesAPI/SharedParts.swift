import PolicyModel
import Synchronization

/// The parts of pods that many of them have in common, kept once: a hundred thousand pods have few different labels.
final class SharedParts: Sendable {
  private struct Parts {
    var labels: Set<Labels> = []
    var ports: Set<[NamedPort]> = []
    var texts: Set<String> = []

    mutating func share<Part: Hashable>(_ part: Part, in known: WritableKeyPath<Parts, Set<Part>>) -> Part {
      let (isNew, member) = self[keyPath: known].insert(part)
      // Labels of pods that are gone are not kept for ever.
      if isNew, self[keyPath: known].count > 65_536 { self[keyPath: known] = [part] }
      return member
    }
  }

  private let parts = Mutex(Parts())

  /// A pod with what policies ask about, and without what only reviews of manifests do: its controller, its place.
  func trimmed(_ pod: Pod) -> Pod {
    var pod = pod
    pod.origin = .nowhere
    pod.owner = nil
    pod.replicas = nil
    parts.withLock { parts in
      pod.namespace = parts.share(pod.namespace, in: \.texts)
      pod.node = pod.node.map { parts.share($0, in: \.texts) }
      pod.labels = parts.share(pod.labels, in: \.labels)
      pod.namedPorts = parts.share(pod.namedPorts, in: \.ports)
    }
    return pod
  }
}
