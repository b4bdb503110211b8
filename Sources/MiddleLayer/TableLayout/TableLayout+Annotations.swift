import Addresses
import PolicyModel
public import Ruleset

extension TableLayout {
  /// The headings of a table of contents, and the remarks about what the layout adds to them.
  ///
  /// - Parameters:
  ///   - contents: the contents.
  ///   - remarks: the remarks about the contents' own sets, maps and chains, by name.
  /// - Returns: all of them; the header is empty.
  public func annotations(_ contents: TableContents, remarks: [String: [String]]) -> Annotations {
    var annotations = Annotations(remarks: remarks)
    annotations.headings = [
      SetName.ownAddresses(.ipv4): "Own addresses of isolated pods",
      SetName.verdicts(.egress, .ipv4): "Isolated pods: the chain of each direction",
      ChainName.forward: "Every forwarded packet",
    ]
    if let first = contents.maps.first {
      annotations.headings[first.name] = "Classes with many rules: peer -> its ports"
    }
    if let first = contents.sets.first {
      annotations.headings[first.name] = "Peers and ports, shared by all rules that name them"
    }
    if let first = contents.chains.first {
      annotations.headings[first.name] = "Classes of pods: return allows, the end denies"
    }
    for family in IPFamily.allCases {
      annotations.remarks[SetName.ownAddresses(family)] = [
        "source . destination: a pod reaches itself through a Service"
      ]
    }
    if modes.podToNode == .policies {
      annotations.headings[ChainName.input] = "Every packet to the node itself: egress of its pods"
    }
    if hasReplyChains {
      annotations.headings[ChainName.replies] = "Replies, by the rules for what they answer"
      for chain in contents.chains {
        annotations.remarks[ChainName.reply(chain.name)] = annotations.remarks[chain.name]
      }
    }
    annotateGuard(&annotations)
    annotateSources(&annotations)
    return annotations
  }

  private func annotateSources(_ annotations: inout Annotations) {
    guard checksSources else { return }
    for family in IPFamily.allCases {
      annotations.remarks[SetName.localPods(family)] = ["this node's pods: packets of theirs come from them"]
    }
    annotations.remarks[ChainName.forgedSources] = ["the source is an address that the sender does not have"]
    guard modes.sourceCheck == .pods else { return }
    annotations.remarks[SetName.podInterfaces] = ["interfaces of this node's pods"]
    annotations.remarks[ChainName.podSources] = [
      "what pods' interfaces bring has a source that is routed to them"
    ]
    annotations.remarks[ChainName.linkSources] = ["sources without a route pass where a bridge brings them"]
  }

  private func annotateGuard(_ annotations: inout Annotations) {
    for family in IPFamily.allCases where guardsUnknownPods(family) {
      annotations.remarks[SetName.nodePods(family)] = ["where this node's pods have their addresses"]
      annotations.remarks[SetName.knownPods(family)] = ["those of them that the inventory has"]
      annotations.remarks[ChainName.unknownPodGuard(family)] = [
        "of this node's pod addresses, only those of the inventory pass"
      ]
      annotations.remarks[ChainName.unknownPods] = ["addresses of this node that no pod of the inventory has"]
    }
  }
}
