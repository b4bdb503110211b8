import Addresses
import ArgumentParser
import KubernetesManifests
import PolicyModel

/// Options about pods that are not there yet: their addresses, and the kinds of objects that make them.
struct WorkloadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The block that workloads and pods without an address get theirs from; else the nodes' pod CIDRs. May be repeated.",
      valueName: "cidr"))
  var podCidr: [String] = []

  @Option(
    help: ArgumentHelp(
      "A kind of objects that stands for pods: KIND, KIND=FIELD.FIELD where its pod template is not at spec.template, or "
        + "'!KIND' to leave objects of a kind out. May be repeated.", valueName: "kind"))
  var workloadKind: [String] = []

  func validate() throws {
    for text in podCidr where Self.block(text) == nil {
      throw ValidationError("'\(text)' is no block of addresses, such as 10.244.0.0/16.")
    }
    var kinds = WorkloadKinds()
    for text in workloadKind where !kinds.add(text) {
      throw ValidationError("'\(text)' is none of KIND, KIND=spec.FIELD and !KIND.")
    }
  }

  private static func block(_ text: String) -> CIDR? {
    do { return try CIDR.parse(text).block } catch { return nil }
  }

  /// The blocks that were named.
  var blocks: [CIDR] { podCidr.compactMap(Self.block) }

  /// The kinds that stand for pods.
  var kinds: WorkloadKinds {
    var kinds = WorkloadKinds()
    for text in workloadKind { _ = kinds.add(text) }
    return kinds
  }
}
