import Documents
import PolicyModel

/// The fields found in an Ingress or another kind of routes, in any order.
struct RouteDraft {
  /// A service as it is named; the namespace is the object's where none is written.
  struct Backend: Hashable {
    var service: String?
    var namespace: String?
    var kind: String?
    var port: IngressRoute.Port?
  }

  var backends: [Backend] = []
  /// The port of the pods in a Route of OpenShift, which is one for all its services.
  var target: IngressRoute.Port?
}

extension DocumentReader where Cursor: ~Copyable {
  /// The fields that hold backends, in the kinds of routes and in their versions.
  private static var backendFields: Set<String> {
    ["backend", "defaultBackend", "backendRefs", "backendRef", "to", "alternateBackends"]
  }

  /// Reads the `spec` of a route: the services that it names, at whatever depth. Other fields are not looked at: a server
  /// checks them.
  mutating func readRouteSpec(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    guard event == .objectStart else {
      try skip()
      return
    }
    while let name = try nextNamedMember() {
      if name == "port", event == .objectStart {
        try readTargetPort(&draft)
      } else {
        try readRouteField(name, &draft)
      }
    }
  }

  private mutating func readRouteField(
    _ name: String, _ draft: inout ObjectDraft
  ) throws(SyntaxFault) {
    switch event {
    case .arrayStart: while try nextEntry() { try readRouteField(name, &draft) }
    case .objectStart where Self.backendFields.contains(name): try readBackend(&draft)
    case .objectStart:
      while let inner = try nextNamedMember() { try readRouteField(inner, &draft) }
    default: break
    }
  }

  /// Reads one backend: `service: {name, port}`, `serviceName` and `servicePort`, or a reference with its port.
  private mutating func readBackend(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    var backend = RouteDraft.Backend()
    try readBackendFields(&backend, isPort: false)
    if backend.service != nil, backend.kind ?? "Service" == "Service",
      !draft.route.backends.contains(backend)
    {
      draft.route.backends.append(backend)
    }
  }

  private mutating func readBackendFields(
    _ backend: inout RouteDraft.Backend, isPort: Bool
  ) throws(SyntaxFault) {
    while let name = try nextNamedMember() {
      switch (name, event) {
      case ("service", .objectStart): try readBackendFields(&backend, isPort: false)
      case ("port", .objectStart): try readBackendFields(&backend, isPort: true)
      case ("name", .scalar) where isPort: backend.port = portValue()
      case ("name", .scalar), ("serviceName", .scalar): backend.service = cursor.text.string
      case ("namespace", .scalar): backend.namespace = cursor.text.string
      case ("kind", .scalar): backend.kind = cursor.text.string
      case ("port", .scalar), ("servicePort", .scalar), ("number", .scalar): backend.port = portValue()
      default: try skip()
      }
    }
  }

  private mutating func readTargetPort(_ draft: inout ObjectDraft) throws(SyntaxFault) {
    while let name = try nextNamedMember() {
      if name == "targetPort", event == .scalar {
        if case .number(let number) = portValue() {
          draft.route.target = .target(number)
        } else {
          draft.route.target = .name(cursor.text.string)
        }
      } else {
        try skip()
      }
    }
  }

  private mutating func portValue() -> IngressRoute.Port? {
    let text = cursor.text.string
    guard !text.isEmpty else { return nil }
    return UInt16(text).map { $0 == 0 ? nil : .number($0) } ?? .name(text)
  }
}
