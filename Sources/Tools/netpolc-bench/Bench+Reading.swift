import ArgumentParser
import BenchmarkReference
import CLinux
import ClusterGenerator
import Documents
import KubernetesManifests
import PolicyModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Bench {
  /// The cluster as JSON files; the path of the pods.
  func jsonFiles() throws -> String {
    let directory = try temporaryDirectory()
    if access("\(directory)/pods.json", R_OK) != 0 {
      try GeneratedCluster(shape).write(.json, toDirectory: directory)
    }
    return "\(directory)/pods.json"
  }

  /// Pods of kubectl's JSON, against simdjson in C++ that keeps the same fields.
  func readJSON() throws -> [Figure] {
    let path = try jsonFiles()
    var counts = reference_counts()
    var found = 0
    let (reference, own) = try Gauge.inTurns(
      runs,
      {
        guard reference_read_pods(path, &counts) else {
          throw ValidationError("the reference cannot read \(path)")
        }
      },
      {
        let reading = ManifestReader().read(ManifestLoader().load([path]).sources)
        found = reading.contents.pods.count
        return reading
      })
    guard found == Int(counts.pods) else { throw ValidationError("read \(found) pods of \(counts.pods)") }
    var status = stat()
    stat(path, &status)
    return [
      Figure(
        name: "read JSON, \(found) pods, \(Words.bytes(Int(status.st_size)))", cost: own,
        against: "simdjson On-Demand, C++", limit: reference, target: 1.5,
        memoryTarget: Int(status.st_size) * 3 / 2, note: "reference: \(Words.bytes(reference.peak))")
    ]
  }

  /// Pods of kubectl's YAML, against libyaml's bare events.
  func readYAML() throws -> [Figure] {
    let count = min(shape.pods, 10_000)
    let text = GeneratedCluster(ClusterShape(pods: count, policies: 0)).text(of: "pods", .yaml)
    let source = ManifestSource(name: "pods.yaml", bytes: text)
    var events: UInt64 = 0
    var found = 0
    let (reference, own) = Gauge.inTurns(
      runs,
      { text.withUnsafeBufferPointer { events = reference_yaml_events($0.baseAddress, $0.count) } },
      {
        let reading = ManifestReader().read([source])
        found = reading.contents.pods.count
        return reading
      })
    guard found == count, events > 0 else { throw ValidationError("read \(found) pods of \(count)") }
    return [
      Figure(
        name: "read YAML, \(count) pods, \(Words.bytes(text.count))", cost: own,
        against: "libyaml, bare events", limit: reference, target: 1.5)
    ]
  }

  /// Measures the start of the program.
  func start() throws -> [Figure] {
    guard let program = program("netpolc") else {
      StandardErrorText.write("netpolc-bench: no netpolc beside this program: build it first\n")
      return []
    }
    let (nft, own) = Gauge.inTurns(
      runs * 7, { Child.run("nft --help > /dev/null") }, { Child.run("exec \(program) --help > /dev/null") })
    return [Figure(name: "netpolc --help", cost: own, against: "nft --help", limit: nft, target: 3)]
  }
}

/// Programs of the shell.
enum Child {
  /// The lines that a line of shell prints.
  static func lines(_ line: String) -> [Substring] {
    guard let pipe = popen(line, "r") else { return [] }
    defer { pclose(pipe) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, pipe)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
  }

  /// Runs a line of shell and waits; its status as `wait` gives it, highest memory in bytes, and seconds of the processor.
  @discardableResult
  static func run(_ line: String) -> (status: Int32, peak: Int, processor: Double) {
    let descriptors: [Int32] = [0, 1, 2]
    let process = descriptors.withUnsafeBufferPointer { buffer -> pid_t in
      guard let base = buffer.baseAddress else { return -1 }
      return clinux_spawn("sh", "-c", line, base, 3)
    }
    guard process > 0 else { return (-1, 0, 0) }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    let processor = [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6
    }
    return (status, Int(usage.ru_maxrss) * 1024, processor)
  }
}
