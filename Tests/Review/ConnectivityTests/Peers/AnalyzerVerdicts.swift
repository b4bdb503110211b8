import Addresses
import Foundation
import PolicyModel
import Reachability
import TestSupport

/// What network-config-analyzer (`nca`, a program in Python) says about a cluster: which connections are allowed from
/// each of its endpoints to each other.
struct AnalyzerVerdicts {
  /// The program: `NETPOLC_NCA`, or `nca` on the path; nil where it is not installed.
  static let program: String? = {
    let program = ProcessInfo.processInfo.environment["NETPOLC_NCA"] ?? "nca"
    return (try? CommandRun.named(program, ["--version"]).status) == 0 ? program : nil
  }()

  /// Why there is no answer.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  private struct Pair: Hashable {
    let source: String
    let destination: String
  }

  /// Ends of connections that are ranges of addresses.
  private var ranges: [(text: String, interval: Interval<UInt128>)] = []
  private var allowed: [Pair: TrafficSet] = [:]

  /// Runs the program on files of policies and of namespaces and pods.
  init(policies: String, inventory: String) throws {
    guard let program = Self.program else { throw Refusal(description: "not installed") }
    let outcome = try CommandRun.named(
      program,
      [
        "--connectivity", policies, "--ns_list", inventory, "--pod_list", inventory, "--output_format",
        "txt_no_fw_rules",
      ])
    guard outcome.status == 0 else {
      let lines = (outcome.errors + outcome.output).split(separator: "\n")
      let reason = lines.first { $0.contains("Error") } ?? lines.last ?? "no reason was given"
      throw Refusal(description: String(reason))
    }
    try self.init(printed: outcome.output)
  }

  /// Reads what the program prints: `END => END : CONNECTIONS`, one line or several for each pair that may talk at all.
  init(printed text: String) throws {
    for line in text.split(separator: "\n") {
      guard let arrow = line.range(of: " => "),
        let colon = line.range(of: " : ", range: arrow.upperBound..<line.endIndex)
      else { continue }
      let pair = Pair(
        source: name(line[..<arrow.lowerBound]),
        destination: name(line[arrow.upperBound..<colon.lowerBound]))
      let traffic = try Self.traffic(String(line[colon.upperBound...]))
      allowed[pair] = allowed[pair, default: .nothing].union(traffic)
    }
  }

  /// `default/web[Pod]` as `default/web`; a range of addresses is remembered as one.
  private mutating func name(_ end: Substring) -> String {
    let text = String(end.prefix { $0 != "[" })
    let bounds = text.split(separator: "-").compactMap { IPAddress(String($0)) }
    if bounds.count == 1, bounds[0].family == .ipv4, !ranges.contains(where: { $0.text == text }) {
      ranges.append((text, Interval(bounds[0].bits)))
    } else if bounds.count == 2, bounds[0].family == .ipv4, !ranges.contains(where: { $0.text == text }) {
      ranges.append((text, Interval(bounds[0].bits, bounds[1].bits)))
    } else if let block = try? CIDR.parse(text).block, block.family == .ipv4,
      !ranges.contains(where: { $0.text == text })
    {
      ranges.append((text, block.interval))
    }
    return text
  }

  /// `All connections`, or `{protocols:TCP, UDP,dst_ports:53,80-90},{protocols:SCTP}`.
  private static func traffic(_ text: String) throws -> TrafficSet {
    if text == "All connections" { return .everything }
    if text == "No connections" { return .nothing }
    let numbers: [String: UInt8] = ["TCP": 6, "UDP": 17, "SCTP": 132]
    var sum = TrafficSet.nothing
    for cube in text.split(separator: "}") {
      guard let match = cube.wholeMatch(of: /,?\{protocols:([A-Z, ]+?)(?:,dst_ports:([0-9,\-]+))?/) else {
        throw Refusal(description: "cannot read \(text)")
      }
      var ports = PortSet()
      for range in match.2?.split(separator: ",") ?? ["0-65535"] {
        let bounds = range.split(separator: "-").compactMap { UInt16($0) }
        guard let lower = bounds.first, let upper = bounds.last else {
          throw Refusal(description: "cannot read \(text)")
        }
        ports = ports.union(PortSet(Interval(lower, upper)))
      }
      for name in match.1.components(separatedBy: ", ") {
        guard let number = numbers[name] else { throw Refusal(description: "no protocol \(name)") }
        sum = sum.union(TrafficSet(number, ports))
      }
    }
    return sum
  }

  /// What may go from one end to another.
  func traffic(_ source: VerdictMatrix.End, _ destination: VerdictMatrix.End) -> TrafficSet {
    // Ranges of one line may overlap those of another.
    func names(_ end: VerdictMatrix.End) -> [String] {
      end.pod.map { [$0] } ?? ranges.filter { $0.interval.contains(end.address.bits) }.map(\.text)
    }
    return names(source).reduce(.nothing) { sum, from in
      names(destination).reduce(sum) {
        $0.union(allowed[Pair(source: from, destination: $1)] ?? .nothing)
      }
    }
  }
}

/// Who may send what to whom, as a small table: a row for each sender, a column for each receiver.
struct VerdictMatrix {
  /// A pod, or an address that is no pod's.
  struct End {
    /// `namespace/name`; nil for no pod.
    let pod: String?
    let address: IPAddress
    var words: String { pod ?? "\(address)" }
  }

  /// The table. `*` is all traffic, `.` none, a letter what stands above; two addresses outside, and a pod and itself,
  /// are not asked about.
  let text: String

  init(_ name: String, _ ends: [End], _ traffic: (End, End) -> TrafficSet) {
    var letters: [TrafficSet: Character] = [.everything: "*", .nothing: "."]
    var legend = ""
    var rows = ""
    for source in ends {
      rows += "  "
      for destination in ends {
        guard source.pod != nil || destination.pod != nil, source.words != destination.words else {
          rows += " "
          continue
        }
        let set = traffic(source, destination)
        if letters[set] == nil {
          let letter = Character(Unicode.Scalar(UInt8(0x61 + letters.count - 2)))
          letters[set] = letter
          legend += "  \(letter)  \(set)\n"
        }
        rows.append(letters[set] ?? "?")
      }
      while rows.last == " " { rows.removeLast() }
      rows += "  \(source.words)\n"
    }
    text = "\(name)\n\(legend)\(rows)"
  }
}
