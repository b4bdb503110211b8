import Foundation
import TestSupport
import Testing

extension AgentProcess {
  /// What a scraper gets from the address of `/metrics`: the whole answer, in the node's network namespace.
  func scrape(_ port: Int) async throws -> ExpositionFormat {
    let run = try await shell(
      #"exec 3<>/dev/tcp/127.0.0.1/\#(port) && printf 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n' >&3 && cat <&3"#
    )
    let parts = run.output.components(separatedBy: "\r\n\r\n")
    #expect(parts.first?.hasPrefix("HTTP/1.1 200 OK\r\n") == true, "\(run.output) \(run.errors)")
    return try ExpositionFormat(parts.dropFirst().joined(separator: "\r\n\r\n"))
  }

  /// A value of the metrics; 0 where it is not there.
  func metric(_ name: String) async throws -> Double {
    try ExpositionFormat(await ask("metrics").output).values[name] ?? 0
  }

  /// Tells as a runtime's GC does which sandboxes are left.
  func collect(_ containers: [String]) async throws -> CommandRun {
    let left = containers.map { #"{"containerID":"\#($0)","ifname":"eth0"}"# }.joined(separator: ",")
    return try await Self.run(
      "/usr/bin/env", ["CNI_COMMAND=GC", "\(Self.directory)/netpolc-cni"],
      input:
        #"{"cniVersion":"1.1.0","name":"n","type":"netpolc-cni","socket":"\#(folder.path("run/cni.sock"))","cni.dev/valid-attachments":[\#(left)]}"#
    )
  }

  /// Asks as the plugin does: a runtime's run of `netpolc-cni`.
  func plugin(
    _ command: String, _ name: String, _ addresses: [String], uid: String, container: String
  ) async throws -> CommandRun {
    let ips = addresses.map { "{\"address\":\"\($0)/24\"}" }.joined(separator: ",")
    return try await Self.run(
      "/usr/bin/env",
      [
        "CNI_COMMAND=\(command)", "CNI_CONTAINERID=\(container)", "CNI_IFNAME=eth0",
        "CNI_ARGS=K8S_POD_NAMESPACE=default;K8S_POD_NAME=\(name);K8S_POD_UID=\(uid)",
        "\(Self.directory)/netpolc-cni",
      ],
      input:
        #"{"cniVersion":"1.0.0","name":"n","type":"netpolc-cni","socket":"\#(folder.path("run/cni.sock"))","prevResult":{"cniVersion":"1.0.0","ips":[\#(ips)]}}"#
    )
  }
}
