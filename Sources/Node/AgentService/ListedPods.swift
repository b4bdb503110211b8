import NodeAgent
import PolicyModel

/// The pods of a list that comes in, each once, whatever the list says of it how often.
struct ListedPods {
  /// The pods, in no order.
  private(set) var all: [ClusterView.APIPod] = []
  private var numbers = PodNumbers()

  private func number(_ namespace: String, _ name: String) -> Int? {
    numbers.number(namespace, name) { all[$0].pod.name == name && all[$0].pod.namespace == namespace }
  }

  /// A pod of the list; nil where the list has none of this name.
  subscript(namespace: String, name: String) -> Pod? { number(namespace, name).map { all[$0].pod } }

  /// Takes a pod, in the place of the one that had its name.
  mutating func put(_ pod: ClusterView.APIPod) {
    if let number = number(pod.pod.namespace, pod.pod.name) {
      all[number] = pod
    } else {
      numbers.insert(all.count, pod.pod.namespace, pod.pod.name)
      all.append(pod)
    }
  }

  /// Leaves a pod out.
  mutating func remove(namespace: String, name: String) {
    guard let number = number(namespace, name) else { return }
    numbers.remove(number, namespace, name)
    let last = all.removeLast()
    if number == all.count { return }
    // The last one takes the place that is free.
    numbers.remove(all.count, last.pod.namespace, last.pod.name)
    numbers.insert(number, last.pod.namespace, last.pod.name)
    all[number] = last
  }
}
