import Diagnostics
import PolicyModel
import Documents

extension DocumentReader where Cursor: ~Copyable {
  /// Reads the rest of a policy object whose type came first; the current event is the key of the first other
  /// member.
  mutating func readPolicy(
    _ head: ObjectHead, _ defaultType: ObjectType?, _ keyPosition: Int
  ) throws(SyntaxFault) {
    objects += 1
    let before = context.diagnostics.count
    var head = head
    var members: [SourceNode.Member] = []
    while event == .key {
      let isHead = cursor.text == "apiVersion" || cursor.text == "kind"
      let isVersion = isHead && cursor.text == "apiVersion"
      if isHead, let earlier = earlierKey(isVersion ? .apiVersion : .kind) {
        let key = cursor.text.string
        reportTwice(key, at: cursor.position, earlier, key)
      }
      if isHead {
        try advance()
        let position = cursor.position
        if isVersion {
          head.apiVersionPosition = position
          head.type.apiVersion = try string("apiVersion") ?? head.type.apiVersion
        } else {
          head.kindPosition = position
          let kind = try string("kind")
          head.type.kind = head.type.kind ?? kind
        }
      } else {
        try cursor.readMember(&event, "", into: &members, &context)
      }
      try advance()
    }
    let type = head.type.completed(by: defaultType)
    guard let format = settings.formats.format(of: type) else {
      late[head.position] = head.type
      return
    }
    if type.isOfForeignGroup(settings.formats) {
      // The version came after the fields: what they hold is none of netpolc's business.
      context.diagnostics.removeSubrange(before...)
      return skipObject(type, head)
    }
    let isTypeRight = checkType(type, head)
    var decoder = PolicyDecoder(map: map, defaultNamespace: settings.defaultNamespace)
    let object = PolicyFormat.Object(
      apiVersion: type.apiVersion ?? "", members: members, offset: cursor.offset(of: head.position),
      isFromServer: settings.isOfServer)
    let (policy, networkPolicy) = format.decode(object, &decoder)
    context.diagnostics += decoder.diagnostics
    let isGood = isTypeRight && !context.diagnostics[before...].contains { $0.severity == .error }
    guard isGood, let policy else { return }
    contents.policies.append(policy)
    if let networkPolicy { networkPolicies.append(networkPolicy) }
  }
}
