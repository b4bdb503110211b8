#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension GeneratedCluster {
  /// The reason for which a file could not be written.
  public struct WriteFailure: Error, CustomStringConvertible {
    /// The path and the system's reason.
    public let description: String
  }

  /// The kinds that every cluster has, by the names of their files without ending.
  public static let commonFileNames = ["namespaces", "nodes", "pods", "policies"]

  /// The kinds of this cluster, by the names of their files without ending: ClusterNetworkPolicies only where there are any, in a
  /// file of their own, so that the cluster can be read with and without them.
  public var fileNames: [String] {
    Self.commonFileNames + (clusterPolicies.isEmpty ? [] : [Self.clusterPoliciesFileName])
  }

  private static let clusterPoliciesFileName = "cluster-policies"

  /// Writes the cluster into an existing directory, one `List` a kind: `pods.json` and so on. The text is made piece
  /// by piece, so memory does not grow with it.
  ///
  /// - Throws: `WriteFailure` where a file cannot be written.
  public func write(_ format: ManifestFormat, toDirectory directory: String) throws(WriteFailure) {
    for name in fileNames { try write(name, format, to: "\(directory)/\(name).\(format.rawValue)") }
  }

  /// The text of one of the files, for tests and benchmarks without files.
  public func text(of name: String, _ format: ManifestFormat) -> [UInt8] {
    var bytes: [UInt8] = []
    produce(name, format) { bytes += $0 }
    return bytes
  }

  private func write(_ name: String, _ format: ManifestFormat, to path: String) throws(WriteFailure) {
    guard let file = fopen(path, "w") else {
      throw WriteFailure(description: "\(path): \(String(cString: strerror(errno)))")
    }
    var isWhole = true
    produce(name, format) { piece in isWhole = isWhole && fwrite(piece, 1, piece.count, file) == piece.count }
    guard fclose(file) == 0, isWhole else {
      throw WriteFailure(description: "\(path): \(String(cString: strerror(errno)))")
    }
  }

  private func produce(_ name: String, _ format: ManifestFormat, _ take: ([UInt8]) -> Void) {
    switch name {
    case "namespaces": produce(namespaces, \.manifest, format, take)
    case "nodes": produce(nodes, \.manifest, format, take)
    case "pods": produce(pods, \.manifest, format, take)
    case Self.clusterPoliciesFileName: produce(clusterPolicies, \.clusterPolicyManifest, format, take)
    default: produce(policies, \.manifest, format, take)
    }
  }

  private func produce<Object>(
    _ objects: [Object], _ manifest: (Object) -> ManifestValue, _ format: ManifestFormat,
    _ take: ([UInt8]) -> Void
  ) {
    var text = ManifestText(format)
    text.raw(
      format == .json
        ? "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n" : "apiVersion: v1\nitems:\n")
    for (place, object) in objects.enumerated() {
      if format == .json {
        text.raw(place == 0 ? "        " : ",\n        ")
        text.write(manifest(object), depth: 3)
      } else {
        text.raw("- ")
        text.write(manifest(object), depth: 1)
        text.raw("\n")
      }
      if text.bytes.count > 1 << 20 {
        take(text.bytes)
        text.clear()
      }
    }
    text.raw(
      format == .json
        ? "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
        : "kind: List\nmetadata:\n  resourceVersion: \"\"\n")
    take(text.bytes)
  }
}
