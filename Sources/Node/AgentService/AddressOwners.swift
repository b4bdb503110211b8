import Addresses
import PolicyModel

/// The pods that have addresses, as hashes of their names: what tells of an earlier run's table which addresses changed hands since it
/// was saved, also while no agent ran.
struct AddressOwners: Sendable {
  /// By address; of several pods with one address the sum.
  private var hashes: [IPAddress: UInt64] = [:]

  /// The owners of the addresses that pods show. O(n).
  init(_ pods: [Pod]) {
    hashes.reserveCapacity(pods.count)
    for pod in pods {
      let hash = Self.hash(pod)
      for address in pod.addresses { hashes[address, default: 0] &+= hash }
    }
  }

  /// The owners that a file has; nil where it is of another table, or damaged.
  init?(_ text: String, ofTable digest: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // The last line is empty: a file that is cut is none.
    guard lines.count >= 2, lines[0] == digest, lines.last == "" else { return nil }
    for line in lines.dropFirst().dropLast() {
      let parts = line.split(separator: " ")
      guard parts.count == 2, let address = IPAddress(String(parts[0])),
        let hash = UInt64(parts[1], radix: 16)
      else { return nil }
      hashes[address] = hash
    }
  }

  /// The file's text, for a table with a digest.
  func text(ofTable digest: String) -> String {
    var text = "\(digest)\n"
    for (address, hash) in hashes.sorted(by: { $0.key < $1.key }) {
      text += "\(address) \(String(hash, radix: 16))\n"
    }
    return text
  }

  /// The addresses whose pods are others than formerly; also those that only one of both knows. O(n).
  func changed(since former: AddressOwners) -> Set<IPAddress> {
    var changed = Set(hashes.lazy.filter { former.hashes[$0.key] != $0.value }.map(\.key))
    for address in former.hashes.keys where hashes[address] == nil { changed.insert(address) }
    return changed
  }

  /// FNV-1a of a pod's namespace and name: the same in each run.
  private static func hash(_ pod: Pod) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in [pod.namespace, "/", pod.name] {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return hash
  }
}
