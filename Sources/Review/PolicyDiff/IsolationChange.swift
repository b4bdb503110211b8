public import Connectivity
public import PolicyModel
public import PolicyTrace

/// Pods whose isolation changes in a direction.
public struct IsolationChange: Sendable, Hashable {
  /// The direction that changed.
  public let direction: Direction
  /// True where policies isolate them now; otherwise they did before.
  public let isIsolated: Bool
  /// The pods that are concerned.
  public let pods: EndpointGroup
  /// The policies that isolate, now or before.
  public let policies: [Cause.Source]
  /// The place that changed, then the other places that decide.
  public var places: [Origin]
}
