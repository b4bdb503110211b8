extension Pod {
  /// `namespace/name`, or `namespace/Kind/name` for a workload that stands for its future pods.
  public var endpointName: String {
    kind == "Pod" ? displayName : "\(namespace)/\(kind)/\(name)"
  }
}
