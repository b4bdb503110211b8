import Addresses
import Diagnostics
import Documents
import PolicyModel

extension ClusterPolicyDecoder {
  /// The rules of a direction, in order; nil where there are none, which then is no direction of the policy.
  /// `understandsActions` becomes false where an action is none that is known.
  mutating func rules(
    _ spec: PolicyDecoder.Fields, _ direction: Direction, _ understandsActions: inout Bool
  ) -> [PolicyRule]? {
    let field = direction == .ingress ? "ingress" : "egress"
    let before = base.diagnostics.count
    guard let entries = spec.list(field, &base) else {
      // Not a list: its contents are unknown.
      guard isFromServer, base.diagnostics.count > before else { return nil }
      understandsActions = false
      return []
    }
    checkCount(
      entries.count, spec.path(field), at: spec[field]?.offset ?? spec.offset, most: schema.mostEntries,
      needsOne: false)
    if entries.isEmpty { return nil }
    return entries.enumerated().flatMap { index, node in
      rule(node, "\(spec.path(field))[\(index)]", direction, &understandsActions)
    }
  }

  /// The parts of a rule before it is one.
  private struct RuleDraft {
    var action: RuleAction?
    var name: String?
    var pods: [Peer] = []
    var blocks: [Peer] = []
    var nodes: [NodePeer] = []
    var ports: [PolicyPort]?
    /// Where the rule names domains, if it does.
    var domains: SourceNode?
    var domainsPath = ""
  }

  /// The rules that one means: none where it is closed and accepts, two where port names mean nothing at a part of its
  /// peers.
  private mutating func rule(
    _ node: SourceNode, _ path: String, _ direction: Direction, _ understandsActions: inout Bool
  ) -> [PolicyRule] {
    let before = base.diagnostics.count
    let peersField = direction == .ingress ? "from" : "to"
    let origin = base.origin(node.offset, path)
    var draft = RuleDraft()
    if let fields = PolicyDecoder.Fields(node, path, ["name", "action", peersField, schema.ports], &base) {
      draft.action = action(fields)
      draft.name = name(fields)
      peers(fields, peersField, direction, &draft)
      draft.ports = ports(fields)
      checkNames(fields, direction, draft)
    }
    func closed(_ action: RuleAction) -> [PolicyRule] {
      // Told by a warning; what accepts nothing is no rule.
      if action == .accept { return [] }
      return [
        PolicyRule(
          .deny, name: draft.name, peers: .everything, ports: .everything, origin: origin)
      ]
    }
    guard let action = draft.action else {
      understandsActions = false
      return []
    }
    let consequence =
      action == .accept
      ? "this rule matches nothing"
      : "this rule denies all \(direction.rawValue.lowercased()) of its subjects"
    if isFromServer, hasErrors(in: before..<base.diagnostics.count) {
      demote(before, consequence)
      return closed(action)
    }
    if let domains = draft.domains {
      base.report(
        .warning, "domain-names", at: domains.offset, draft.domainsPath,
        "names of domains are not resolved here: \(consequence)")
      return closed(action)
    }
    return rules(action, draft, origin, direction)
  }

  /// The rules of a draft without errors. The name of a port means nothing at an address that is no pod's (M6).
  private func rules(
    _ action: RuleAction, _ draft: RuleDraft, _ origin: Origin, _ direction: Direction
  ) -> [PolicyRule] {
    func rule(_ peers: [Peer], _ nodes: [NodePeer], _ ports: [PolicyPort]?) -> PolicyRule {
      PolicyRule(
        action, name: draft.name, peers: .anyOf(peers), ports: ports.map { .anyOf($0) } ?? .everything,
        nodes: nodes, origin: origin)
    }
    let numbered = draft.ports?.filter { $0.ports.name == nil }
    let hasNames = numbered?.count != draft.ports?.count
    guard direction == .egress, hasNames, !draft.blocks.isEmpty || !draft.nodes.isEmpty else {
      return [rule(draft.pods + draft.blocks, draft.nodes, draft.ports)]
    }
    var rules: [PolicyRule] = []
    if !draft.pods.isEmpty { rules.append(rule(draft.pods, [], draft.ports)) }
    if numbered?.isEmpty == false { rules.append(rule(draft.blocks, draft.nodes, numbered)) }
    return rules
  }

  private mutating func action(_ fields: PolicyDecoder.Fields) -> RuleAction? {
    guard let word = requiredText(fields, "action") else { return nil }
    if let action = schema.action(word) { return action }
    base.report(
      "unsupported-value", at: fields["action"]?.offset ?? fields.offset, fields.path("action"),
      Messages.unsupported(word, schema.actions))
    return nil
  }

  private mutating func name(_ fields: PolicyDecoder.Fields) -> String? {
    guard let node = fields["name"], let name = base.text(node, fields.path("name")) else { return nil }
    // The server counts characters, whatever its message says.
    if name.unicodeScalars.count > 100, !isFromServer {
      base.report(
        "too-long", at: node.offset, fields.path("name"), "Too long: may not be more than 100 bytes")
    }
    return name.isEmpty ? nil : name
  }

  private mutating func peers(
    _ fields: PolicyDecoder.Fields, _ key: String, _ direction: Direction, _ draft: inout RuleDraft
  ) {
    guard let entries = fields.list(key, &base) else {
      if fields[key] == nil {
        base.report("required-value", at: fields.offset, fields.path(key), "Required value")
      }
      return
    }
    let path = fields.path(key)
    checkCount(entries.count, path, at: fields[key]?.offset ?? fields.offset, most: schema.mostEntries)
    if isFromServer, entries.isEmpty {
      base.report("too-few", at: fields.offset, path, "no peer")
    }
    let known = direction == .ingress ? ClusterPolicySchema.ingressPeers : schema.egressPeers
    for (index, node) in entries.enumerated() {
      guard let peer = PolicyDecoder.Fields(node, "\(path)[\(index)]", known, &base),
        let field = oneField(peer, of: known), let value = peer[field]
      else { continue }
      switch field {
      case "namespaces":
        if let selector = selector(peer, field) {
          draft.pods.append(
            Peer(.pods(.matching(selector), LabelSelector()), origin: base.origin(node.offset, peer.path)))
        }
      case "pods":
        if let set = pods(peer), case let scope = set.namespaces {
          draft.pods.append(Peer(.pods(scope, set.pods), origin: base.origin(node.offset, peer.path)))
        }
      case "networks": draft.blocks += networks(peer, value)
      case "nodes":
        if let selector = selector(peer, field) {
          draft.nodes.append(NodePeer(selector, origin: base.origin(node.offset, peer.path)))
        }
      default:
        checkDomains(peer, value)
        draft.domains = draft.domains ?? value
        if draft.domainsPath.isEmpty { draft.domainsPath = peer.path(field) }
      }
    }
  }

  /// The rule of the experimental channel that peers without ports of their own and port names exclude each other.
  private mutating func checkNames(
    _ fields: PolicyDecoder.Fields, _ direction: Direction, _ draft: RuleDraft
  ) {
    guard direction == .egress, schema.kind == .clusterNetworkPolicy, !isFromServer,
      !draft.blocks.isEmpty || !draft.nodes.isEmpty || draft.domains != nil
    else { return }
    let named = draft.ports?.first { $0.ports.name != nil }
    guard let named else { return }
    // Nodes and domains are of the experimental channel themselves.
    if schema.hasExperimentalNames || !draft.nodes.isEmpty || draft.domains != nil {
      base.report(
        "names-without-pods", at: fields.offset, fields.path,
        "Invalid value: networks/nodes/domainNames peer cannot be set with namedPorts since there are no namedPorts for networks/nodes/domainNames"
      )
    } else {
      base.report(
        .warning, "names-without-pods", at: fields.offset, fields.path,
        "\(named.origin.field) means nothing at the addresses of networks, which match no port name; servers of the experimental channel refuse the rule"
      )
    }
  }
}
