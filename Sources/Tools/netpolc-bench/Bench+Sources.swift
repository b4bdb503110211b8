import Addresses
import LinuxNet
import Lowering
import NFTables
import PacketLab
import PolicyModel
import RulesetText

extension Bench {
  /// Measures a packet of an existing flow between two routed pods, with and without a check of its source.
  func sources() throws -> [Figure] {
    let addresses = [IPAddress(.ipv4, bits: 0x0af4_0102), IPAddress(.ipv4, bits: 0x0af4_0103)]
    let lab = try PacketLab(pods: [.init("pod-0", [addresses[0]]), .init("pod-1", [addresses[1]])])
    let modes = [
      EnforcementModes(), EnforcementModes(sourceCheck: .local),
      EnforcementModes(sourceCheck: .pods, podInterfaces: ["pod*"]),
      EnforcementModes(sourceCheck: .pods, podInterfaces: ["pod0", "pod1"]),
    ]
    let texts = modes.map { modes in
      var lowerer = Lowerer(policedNode(10))
      return NFTPrinter.replacing(lowerer.lower(LoweringOptions(node: node, modes: modes)).table)
    }
    let talk = try Talk(lab, from: addresses[0], to: addresses[1])
    var seconds = [[Double]](repeating: [], count: texts.count)
    for _ in 0..<(runs * 8) {
      for (place, text) in texts.enumerated() {
        try lab.load(text)
        try lab.forgetConnections()
        seconds[place].append(try talk.establishedDatagrams())
      }
    }
    let least = seconds.map { Cost(seconds: $0.min() ?? 0, peak: nil) }
    let names = ["local", "pods, a pattern", "pods, names"]
    return names.enumerated().map { place, name in
      Figure(
        name: "packet of a flow that exists, --source-check \(name)", cost: least[place + 1],
        against: "--source-check off", limit: least[0], target: 1.1)
    }
  }
}
