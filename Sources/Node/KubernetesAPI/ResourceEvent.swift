/// An event of a resource's lists and watches, in order.
///
/// A full list is bracketed: `listBegan`, its objects as `added`, `listEnded`. What an ended list lacks is gone. Where a
/// list is not completed, another `listBegan` follows, and what came since the first is worth nothing. Between an ended
/// list and the next `listBegan`, events change single objects.
public enum ResourceEvent: Sendable {
  /// A list begins, and why. What is known stays valid until it ends.
  case listBegan(ListReason)
  /// An object was added, or is in the list.
  case added(APIObject)
  /// An object is now like this.
  case modified(APIObject)
  /// An object is gone, or the field selector does not select it any more; this is its last state.
  case deleted(APIObject)
  /// The list is complete, and the resource is watched from this version on. Empty for a kind that the server lacks.
  case listEnded(resourceVersion: String)
  /// Nothing changed up to this version.
  case bookmark(resourceVersion: String)
  /// A request or a stream failed; the next try follows after a wait. What is known stays valid.
  case interrupted(APIFailure, wait: Duration)

  /// The object of the event; nil where it is of none.
  public var object: APIObject? {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): object
    default: nil
    }
  }
}

/// The reason for a full list.
public enum ListReason: String, Sendable, Hashable, CaseIterable {
  /// It is the first.
  case start
  /// The list before this was not completed.
  case incomplete
  /// The server has forgotten the version from which the watch was to go on (410).
  case expired
  /// The server is quiet where it should speak: it may not know the version, as after a restore from a backup.
  case quiet
  /// The stream could not be understood, or failed again and again.
  case fault
  /// The kind was missing at the server.
  case absent
}
