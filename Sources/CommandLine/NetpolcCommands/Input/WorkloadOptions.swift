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

  @Option(
    help: ArgumentHelp(
      "The pods of a controller of ingress or of a gateway, as NAMESPACE or NAMESPACE/SELECTOR: they are senders where the "
        + "inventory has none of them too, and lint checks that they reach what Ingress, HTTPRoute and Route name. May be "
        + "repeated.", valueName: "pods"))
  var ingressController: [String] = []

  func validate() throws {
    for text in ingressController where Self.controller(text) == nil {
      throw ValidationError(
        "'\(text)' is no NAMESPACE or NAMESPACE/SELECTOR, such as ingress-nginx/app=controller.")
    }
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

  private static func controller(_ text: String) -> IngressController? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard !parts[0].isEmpty, NameValidation.dnsLabel(String(parts[0])).isEmpty else { return nil }
    guard parts.count == 2 else {
      return IngressController(namespace: String(parts[0]), pods: LabelSelector())
    }
    return LabelSelector(words: parts[1]).map { IngressController(namespace: String(parts[0]), pods: $0) }
  }

  /// The controllers that were named.
  var controllers: [IngressController] { ingressController.compactMap(Self.controller) }

  /// The blocks that were named.
  var blocks: [CIDR] { podCidr.compactMap(Self.block) }

  /// The kinds that stand for pods.
  var kinds: WorkloadKinds {
    var kinds = WorkloadKinds()
    for text in workloadKind { _ = kinds.add(text) }
    return kinds
  }
}
