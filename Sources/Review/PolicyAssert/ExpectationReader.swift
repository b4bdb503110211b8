import Addresses
public import Diagnostics
public import Documents
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// Reads a file of expectations; its schema is `docs/schemas/assert.schema.json`.
public struct ExpectationReader {
  private var diagnostics: [Diagnostic] = []

  /// Reads a source.
  ///
  /// - Returns: the expectations in the order written, and what is wrong; with an error they are not to be used.
  public static func read(
    _ source: ManifestSource
  ) -> (expectations: [AccessExpectation], diagnostics: [Diagnostic]) {
    let (documents, faults) = DocumentValue.documents(in: source)
    var reader = ExpectationReader()
    let expectations = documents.flatMap { reader.document($0) }
    if faults.isEmpty, reader.diagnostics.isEmpty, expectations.isEmpty {
      reader.report(
        SourceLocation(file: source.name, line: 1, column: 1), "", "the file contains no expectations")
    }
    return (expectations, faults + reader.diagnostics)
  }

  private mutating func report(_ location: SourceLocation, _ field: String, _ message: String) {
    diagnostics.append(Diagnostic(.error, id: "bad-expectation", at: location, field: field, message))
  }

  private mutating func members(
    _ value: DocumentValue, _ field: String, known: Set<String>
  ) -> [String: DocumentValue] {
    guard case .object(let members) = value.content else {
      report(value.location, field, "must be an object")
      return [:]
    }
    var result: [String: DocumentValue] = [:]
    for member in members {
      if known.contains(member.key) {
        result[member.key] = member.value
      } else {
        report(
          member.location, field,
          "unknown field \"\(member.key)\"; known are \(known.sorted().joined(separator: ", "))")
      }
    }
    return result
  }

  private mutating func text(_ value: DocumentValue?, _ field: String) -> String? {
    guard let value else { return nil }
    guard case .scalar(let text, _) = value.content else {
      report(value.location, field, "must be a string")
      return nil
    }
    return text
  }

  private mutating func document(_ value: DocumentValue) -> [AccessExpectation] {
    let fields = members(value, "", known: ["apiVersion", "kind", "expectations"])
    if text(fields["apiVersion"], "apiVersion") != "netpolc/v1" {
      report(value.location, "apiVersion", "must be \"netpolc/v1\"")
    }
    if text(fields["kind"], "kind") != "Assertions" {
      report(value.location, "kind", "must be \"Assertions\"")
    }
    guard let list = fields["expectations"], case .list(let entries) = list.content else {
      report(value.location, "expectations", "must be a list")
      return []
    }
    if entries.isEmpty {
      report(list.location, "expectations", "is empty: the file contains no expectations here")
    }
    return entries.enumerated().compactMap { expectation($1, "expectations[\($0)]") }
  }

  private mutating func expectation(_ value: DocumentValue, _ path: String) -> AccessExpectation? {
    let fields = members(value, path, known: ["name", "expect", "from", "to", "ports"])
    let before = diagnostics.count
    let word = text(fields["expect"], "\(path).expect") ?? ""
    guard let verdict = AccessExpectation.Verdict(rawValue: word) else {
      report(
        fields["expect"]?.location ?? value.location, "\(path).expect",
        "must be \"allow\", \"deny\" or \"only\"")
      return nil
    }
    if verdict == .only { return only(value, fields, path) }
    let from = fields["from"].map { group($0, "\(path).from") } ?? AccessExpectation.Group()
    let to = fields["to"].map { group($0, "\(path).to") } ?? AccessExpectation.Group()
    if from.block != nil, to.block != nil {
      report(value.location, path, "one of from and to must be pods")
    }
    let traffic = ports(fields["ports"], "\(path).ports")
    guard diagnostics.count == before else { return nil }
    return AccessExpectation(
      name: text(fields["name"], "\(path).name") ?? path, location: value.location, verdict: verdict,
      source: from, destination: to, traffic: traffic)
  }

  /// An expectation that only its senders may send; they may be a list of groups.
  private mutating func only(
    _ value: DocumentValue, _ fields: [String: DocumentValue], _ path: String
  ) -> AccessExpectation? {
    let before = diagnostics.count
    guard let written = fields["from"] else {
      report(value.location, "\(path).from", "is required with \"only\": it names those who may send")
      return nil
    }
    var sources: [AccessExpectation.Group] = []
    if case .list(let entries) = written.content {
      if entries.isEmpty {
        report(
          written.location, "\(path).from",
          "is empty: it must name those who may send; where none may, expect deny")
      }
      sources = entries.enumerated().map { group($1, "\(path).from[\($0)]") }
    } else {
      sources = [group(written, "\(path).from")]
    }
    for source in sources where source.quantifier == .some || source.toCome {
      report(
        written.location, "\(path).from",
        "has no quantifier and no podsToCome with \"only\": it always is about everybody else, pods to come too"
      )
      break
    }
    let to = fields["to"].map { group($0, "\(path).to") } ?? AccessExpectation.Group()
    if to.block != nil {
      report(fields["to"]?.location ?? value.location, "\(path).to", "must be pods with \"only\"")
    }
    if to.quantifier == .some {
      report(
        fields["to"]?.location ?? value.location, "\(path).to.quantifier", "must be \"all\" with \"only\"")
    }
    let traffic = ports(fields["ports"], "\(path).ports")
    guard diagnostics.count == before else { return nil }
    var everybody = AccessExpectation.Group()
    (everybody.toCome, everybody.namespacesToCome) = (true, true)
    everybody.exceptions = sources.filter { $0.block == nil }
    return AccessExpectation(
      name: text(fields["name"], "\(path).name") ?? path, location: value.location, verdict: .only,
      source: everybody, onlySources: sources, destination: to, traffic: traffic)
  }

  private mutating func group(
    _ value: DocumentValue, _ path: String, isException: Bool = false
  ) -> AccessExpectation.Group {
    var group = AccessExpectation.Group()
    let fields = members(
      value, path,
      known: Set(
        [
          "namespace", "outsideNamespace", "namespaceLabels", "namespaceSelector", "labels", "selector",
        ] + (isException ? [] : ["quantifier", "cidr", "podsToCome", "namespacesToCome", "except"])))
    if let word = text(fields["quantifier"], "\(path).quantifier") {
      if let quantifier = AccessExpectation.Quantifier(rawValue: word) {
        group.quantifier = quantifier
      } else {
        report(
          fields["quantifier"]?.location ?? value.location, "\(path).quantifier",
          "must be \"all\" or \"some\"")
      }
    }
    group.namespace = text(fields["namespace"], "\(path).namespace")
    group.outsideNamespace = text(fields["outsideNamespace"], "\(path).outsideNamespace")
    group.namespaceLabels = labels(fields["namespaceLabels"], "\(path).namespaceLabels")
    group.labels = labels(fields["labels"], "\(path).labels")
    group.selector = selector(fields["selector"], "\(path).selector")
    group.namespaceSelector = selector(fields["namespaceSelector"], "\(path).namespaceSelector")
    if let exceptions = fields["except"] {
      if case .list(let entries) = exceptions.content {
        group.exceptions = entries.enumerated().map {
          self.group($1, "\(path).except[\($0)]", isException: true)
        }
      } else {
        group.exceptions = [self.group(exceptions, "\(path).except", isException: true)]
      }
    }
    group.toCome = flag(fields["podsToCome"], "\(path).podsToCome")
    group.namespacesToCome = flag(fields["namespacesToCome"], "\(path).namespacesToCome")
    if group.namespacesToCome, !group.toCome {
      report(
        fields["namespacesToCome"]?.location ?? value.location, "\(path).namespacesToCome",
        "needs podsToCome: true; nothing else is in such a namespace")
    }
    if group.toCome, group.quantifier == .some {
      report(
        fields["quantifier"]?.location ?? value.location, "\(path).quantifier",
        "cannot be \"some\" with podsToCome: such a pod may never exist")
    }
    if let cidr = text(fields["cidr"], "\(path).cidr") {
      group.block = try? CIDR.parse(cidr).block
      if group.block == nil {
        report(
          fields["cidr"]?.location ?? value.location, "\(path).cidr", "\"\(cidr)\" is no block of addresses")
      }
      if fields.count > 1 { report(value.location, path, "cidr stands alone: addresses have no labels") }
    }
    return group
  }

  /// A selector as `kubectl -l` takes it.
  private mutating func selector(_ value: DocumentValue?, _ path: String) -> LabelSelector {
    guard let value, let text = text(value, path) else { return LabelSelector() }
    guard let selector = LabelSelector(words: text[...]) else {
      report(
        value.location, path,
        "is no selector as kubectl takes it, such as app=web,tier!=db,env in (a,b),!legacy: \(ForeignText(text).quoted)"
      )
      return LabelSelector()
    }
    return selector
  }

  private mutating func flag(_ value: DocumentValue?, _ path: String) -> Bool {
    guard let value, let word = text(value, path) else { return false }
    if word != "true" && word != "false" { report(value.location, path, "must be true or false") }
    return word == "true"
  }

  private mutating func labels(_ value: DocumentValue?, _ path: String) -> Labels {
    guard let value else { return Labels() }
    guard case .object(let members) = value.content else {
      report(value.location, path, "must be an object")
      return Labels()
    }
    return Labels(
      members.compactMap { member in
        text(member.value, "\(path).\(member.key)").map { Labels.Pair(member.key, $0) }
      })
  }

  /// `443`, `53/UDP`, `8080-8090/TCP`, `ICMP`; absent: everything.
  private mutating func ports(_ value: DocumentValue?, _ path: String) -> TrafficSet {
    guard let value else { return .everything }
    guard case .list(let entries) = value.content, !entries.isEmpty else {
      report(value.location, path, "must be a list of ports such as 443, 53/UDP, 8080-8090/TCP or ICMP")
      return .nothing
    }
    var sets: [TrafficSet] = []
    for entry in entries {
      if let text = text(entry, path), let set = Self.traffic(text) {
        if set.hasOnlyPortZero { report(entry.location, path, "port 0 is no port: no packet is sent to it") }
        sets.append(set)
      } else {
        report(entry.location, path, "must be a port such as 443, 53/UDP, 8080-8090/TCP or ICMP")
      }
    }
    return TrafficSet.union(of: sets)
  }

  static func traffic(_ text: String) -> TrafficSet? {
    if let one = TrafficReference(text) {
      return TrafficSet(
        one.transport, IPProtocol(one.transport).hasPorts ? PortSet(Interval(one.port)) : .everything)
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, let lower = UInt16(bounds[0]), let upper = UInt16(bounds[1]), lower <= upper,
      let last = TrafficReference("\(upper)" + (parts.count > 1 ? "/\(parts[1])" : "")), parts.count <= 2
    else { return nil }
    return TrafficSet(last.transport, PortSet(Interval(lower, upper)))
  }
}

extension TrafficSet {
  /// True where the only port of each protocol is 0, which no service has.
  fileprivate var hasOnlyPortZero: Bool {
    whole == .nothing && !parts.isEmpty && parts.allSatisfy { $0.ports == PortSet(Interval(0)) }
  }
}
