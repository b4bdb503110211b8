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

    /// Labels that are there, or these with keys that are.
    mutating func share(_ labels: Labels) -> Labels {
      if let place = self.labels.firstIndex(of: labels) { return self.labels[place] }
      let pairs = labels.pairs.map { Labels.Pair(share($0.key, in: \.texts), $0.value) }
      return share(Labels(pairs), in: \.labels)
    }
  }

  private let parts = Mutex(Parts())

  /// A pod with what policies ask about, and without what only reviews of manifests do: its controller, its place.
  func trimmed(_ pod: Pod) -> Pod {
    var pod = pod
    pod.dropReviewDetails()
    parts.withLock { parts in
      pod.namespace = parts.share(pod.namespace, in: \.texts)
      pod.node = pod.node.map { parts.share($0, in: \.texts) }
      pod.labels = parts.share(pod.labels)
      pod.namedPorts = parts.share(pod.namedPorts, in: \.ports)
    }
    return pod
  }
}
