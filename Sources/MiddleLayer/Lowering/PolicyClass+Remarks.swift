import PolicyModel

extension PolicyClass {
  /// The remarks about the class that are printed above its chain.
  func remarks(_ tiers: [Tier], pods: [Pod]) -> [String] {
    var lines = [
      key.direction.remark(about: (self.pods + jointPods).sorted(), pods),
      "policies: \(policies(tiers).map(\.description).joined(separator: ", "))",
    ]
    if !key.ports.isEmpty {
      let ports = key.ports.map { "\($0.name) = \($0.transport.rawValue) \($0.number)" }
      lines.append("named ports: \(ports.joined(separator: ", "))")
    }
    return lines
  }
}

extension Direction {
  /// The remark about a chain of this direction: how many pods it judges, and the first ones' names.
  func remark(about positions: [Int], _ pods: [Pod]) -> String {
    let shown = positions.prefix(4).map { pods[$0].displayName }
    let count = positions.count == 1 ? "1 pod" : "\(positions.count) pods"
    return
      "\(rawValue.lowercased()) of \(count): \(shown.joined(separator: ", "))\(positions.count > 4 ? ", …" : "")"
  }
}
