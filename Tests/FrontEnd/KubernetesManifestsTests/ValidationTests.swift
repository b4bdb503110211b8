import TestSupport
import Testing

/// One rule of the API server: the specification that breaks it, and what is said.
struct Broken: Sendable, CustomTestStringConvertible {
  let name: String
  let spec: String
  let expected: [String]

  init(_ name: String, _ spec: String, _ expected: String...) {
    self.name = name
    self.spec = spec
    self.expected = expected
  }

  var testDescription: String { name }
}

@Suite("Validation, as the API server words it", .bounded)
struct ValidationTests {
  @Test(arguments: ports + peers + blocks + selectors + shape)
  func broken(_ row: Broken) {
    #expect(findings(policy(row.spec)) == row.expected)
  }

  static let ports: [Broken] = [
    Broken(
      "protocol that is none", "ingress:\n- ports:\n  - protocol: 1️⃣ICMP",
      #"1️⃣ spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP" [unsupported-value]"#
    ),
    Broken(
      "port zero and above 65535", "egress:\n- ports:\n  - port: 1️⃣0\n  - port: 2️⃣65536",
      "1️⃣ spec.egress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive [port-range]",
      "2️⃣ spec.egress[0].ports[1].port: Invalid value: 65536: must be between 1 and 65535, inclusive [port-range]"
    ),
    Broken(
      "endPort above 65535", "ingress:\n- ports:\n  - port: 80\n    endPort: 1️⃣70000",
      "1️⃣ spec.ingress[0].ports[0].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive [end-port]"
    ),
    Broken(
      "endPort below port", "ingress:\n- ports:\n  - port: 80\n    endPort: 1️⃣79",
      "1️⃣ spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port` [end-port]"
    ),
    Broken(
      "endPort with a name", "ingress:\n- ports:\n  - port: http\n    endPort: 1️⃣90",
      "1️⃣ spec.ingress[0].ports[0].endPort: Forbidden: may not be specified when `port` is non-numeric [end-port]"
    ),
    Broken(
      "endPort alone", "ingress:\n- ports:\n  - endPort: 1️⃣90",
      "1️⃣ spec.ingress[0].ports[0].endPort: Forbidden: may not be specified when `port` is not specified [end-port]"
    ),
    Broken(
      "port name too long", "ingress:\n- ports:\n  - port: 1️⃣abcdefghijklmnop",
      #"1️⃣ spec.ingress[0].ports[0].port: Invalid value: "abcdefghijklmnop": must be no more than 15 characters [port-name]"#
    ),
    Broken(
      "port name with a capital", "ingress:\n- ports:\n  - port: 1️⃣Http",
      #"1️⃣ spec.ingress[0].ports[0].port: Invalid value: "Http": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-) [port-name]"#
    ),
    Broken(
      "port number in quotes is a name without letters", "ingress:\n- ports:\n  - port: 1️⃣\"80\"",
      #"1️⃣ spec.ingress[0].ports[0].port: Invalid value: "80": must contain at least one letter (a-z) [port-name]"#
    ),
    Broken(
      "port name with two hyphens", "ingress:\n- ports:\n  - port: 1️⃣a--b",
      #"1️⃣ spec.ingress[0].ports[0].port: Invalid value: "a--b": must not contain consecutive hyphens [port-name]"#
    ),
    Broken(
      "port name with a hyphen last", "ingress:\n- ports:\n  - port: 1️⃣a-",
      #"1️⃣ spec.ingress[0].ports[0].port: Invalid value: "a-": must not begin or end with a hyphen [port-name]"#
    ),
  ]

  static let peers: [Broken] = [
    Broken(
      "peer of nothing", "ingress:\n- from:\n  - 1️⃣{}",
      "1️⃣ spec.ingress[0].from[0]: Required value: must specify a peer [peer-required]"),
    Broken(
      "peer of null fields", "egress:\n- to:\n  - 1️⃣podSelector: null",
      "1️⃣ spec.egress[0].to[0]: Required value: must specify a peer [peer-required]"),
    Broken(
      "ipBlock and selector", "egress:\n- to:\n  - 1️⃣podSelector: {}\n    ipBlock: {cidr: 10.0.0.0/8}",
      "1️⃣ spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer [peer-conflict]"),
  ]

  static func cidr(_ name: String, _ text: String, _ message: String) -> Broken {
    Broken(
      name, "ingress:\n- from:\n  - ipBlock:\n      cidr: 1️⃣\(text)",
      "1️⃣ spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"\(text)\": \(message) [invalid-cidr]")
  }

  static let blocks: [Broken] = [
    Broken(
      "cidr missing", "ingress:\n- from:\n  - ipBlock:\n      1️⃣except: [10.0.0.0/8]",
      "1️⃣ spec.ingress[0].from[0].ipBlock.cidr: Required value [required-value]"),
    cidr(
      "address without length", "10.0.0.1", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
    cidr(
      "length beyond the family", "10.0.0.0/33",
      "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
    cidr("words", "everything/0", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
    cidr("zeros in an octet", "10.00.0.0/8", "must not have leading 0s in IP or prefix length"),
    cidr("zeros in the length", "10.0.0.0/08", "must not have leading 0s in IP or prefix length"),
    cidr("IPv4 in IPv6 clothes", "::ffff:10.0.0.0/104", "must not be an IPv4-mapped IPv6 address"),
    Broken(
      "host bits are a warning", "ingress:\n- from:\n  - ipBlock:\n      cidr: 1️⃣10.1.2.3/8",
      #"1️⃣ warning: spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.1.2.3/8": should not have bits set beyond its prefix length: the canonical form is "10.0.0.0/8" [host-bits]"#
    ),
    Broken(
      "except outside, equal, other family",
      "ingress:\n- from:\n  - ipBlock:\n      cidr: 10.0.0.0/8\n      except: [1️⃣11.0.0.0/8, 2️⃣10.0.0.0/8, '3️⃣fd00::/8', 10.1.0.0/16]"
        .replacing("'3️⃣", with: "3️⃣'"),
      #"1️⃣ spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr` [except-not-subset]"#,
      #"2️⃣ spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr` [except-not-subset]"#,
      #"3️⃣ spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "fd00::/8": must be a strict subset of `cidr` [except-not-subset]"#
    ),
    Broken(
      "except that is no block", "ingress:\n- from:\n  - ipBlock: {cidr: 10.0.0.0/8, except: [1️⃣10.1.1.1]}",
      #"1️⃣ spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.1.1.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64) [invalid-cidr]"#
    ),
  ]

  static let selectors: [Broken] = [
    Broken(
      "In without values", "podSelector:\n  matchExpressions:\n  - {key: a, operator: 1️⃣In}",
      "1️⃣ spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn' [selector-values]"
    ),
    Broken(
      "Exists with values", "podSelector:\n  matchExpressions:\n  - {key: a, operator: Exists, values: 1️⃣[b]}",
      "1️⃣ spec.podSelector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist' [selector-values]"
    ),
    Broken(
      "operator that is none", "podSelector:\n  matchExpressions:\n  - {key: a, operator: 1️⃣in, values: [b]}",
      #"1️⃣ spec.podSelector.matchExpressions[0].operator: Invalid value: "in": not a valid selector operator [invalid-operator]"#
    ),
    Broken(
      "label key with two slashes", "podSelector:\n  matchLabels:\n    1️⃣a/b/c: d",
      "1️⃣ spec.podSelector.matchLabels: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName') [invalid-label]"
    ),
    Broken(
      "label value with a space", "podSelector:\n  matchLabels:\n    a: 1️⃣b c",
      "1️⃣ spec.podSelector.matchLabels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?') [invalid-label]"
    ),
    Broken(
      "label value too long", "podSelector:\n  matchLabels:\n    a: 1️⃣\(String(repeating: "x", count: 64))",
      "1️⃣ spec.podSelector.matchLabels: Invalid value: \"\(String(repeating: "x", count: 64))\": must be no more than 63 characters [invalid-label]"
    ),
  ]

  static let shape: [Broken] = [
    Broken(
      "three policyTypes", "policyTypes: [Ingress, Egress, 1️⃣Ingress]",
      #"1️⃣ spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes [too-many-policy-types]"#
    ),
    Broken(
      "policyType that is none", "policyTypes: [1️⃣ingress]",
      #"1️⃣ spec.policyTypes[0]: Unsupported value: "ingress": supported values: "Egress", "Ingress" [unsupported-value]"#
    ),
    Broken(
      "misspelt fields", "1️⃣ingres:\n- 2️⃣form: []\npodSelector: {3️⃣matchlabels: {}}",
      #"1️⃣ spec.ingres: unknown field "ingres": did you mean "ingress"? [unknown-field]"#,
      #"3️⃣ spec.podSelector.matchlabels: unknown field "matchlabels": did you mean "matchLabels"? [unknown-field]"#
    ),
    Broken(
      "misspelt from, and a field of another API", "ingress:\n- 1️⃣form: []\n  2️⃣appliesToServices: true",
      #"1️⃣ spec.ingress[0].form: unknown field "form": did you mean "from"? [unknown-field]"#,
      #"2️⃣ spec.ingress[0].appliesToServices: unknown field "appliesToServices" [unknown-field]"#),
    Broken(
      "duplicate key", "ingress: []\n1️⃣ingress:\n- {}",
      #"1️⃣ spec.ingress: the key "ingress" is written twice [duplicate-key]"#),
    Broken(
      "wrong types", "ingress: 1️⃣{}\npodSelector: 2️⃣[]\npolicyTypes: 3️⃣Ingress",
      "1️⃣ spec.ingress: must be a list, but this is an object [wrong-type]",
      "2️⃣ spec.podSelector: must be an object, but this is a list [wrong-type]",
      "3️⃣ spec.policyTypes: must be a list, but this is a string [wrong-type]"),
    Broken(
      "label values that YAML types",
      "podSelector:\n  matchLabels:\n    a: 1️⃣true\n    b: 2️⃣123\n    c: 3️⃣1e3\n    d: \"1\"\n    e: 4️⃣yes",
      "1️⃣ spec.podSelector.matchLabels.a: must be a string, but this is a boolean (true): quote it [wrong-type]",
      "2️⃣ spec.podSelector.matchLabels.b: must be a string, but this is a number (123): quote it [wrong-type]",
      "3️⃣ spec.podSelector.matchLabels.c: must be a string, but this is a number (1e3): quote it [wrong-type]",
      "4️⃣ spec.podSelector.matchLabels.e: must be a string, but this is a boolean (yes): quote it [wrong-type]"
    ),
    Broken(
      "keys that YAML types", "podSelector:\n  matchLabels:\n    1️⃣yes: a\n    'no': b\n    2️⃣~: c\n    12: d",
      "1️⃣ spec.podSelector.matchLabels: a key must be a string, but yes is a boolean: quote it [wrong-type]",
      "2️⃣ spec.podSelector.matchLabels: Invalid value: \"~\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') [invalid-label]",
      "2️⃣ spec.podSelector.matchLabels: a key must be a string, but ~ is null: quote it [wrong-type]"
    ),
    Broken(
      "port of a wrong type", "ingress:\n- ports:\n  - port: 1️⃣true\n  - port: 2️⃣80.5\n  - port: 3️⃣9999999999",
      "1️⃣ spec.ingress[0].ports[0].port: must be a whole number in plain digits or a name, but this is a boolean (true) [wrong-type]",
      "2️⃣ spec.ingress[0].ports[1].port: must be a whole number in plain digits or a name, but this is a number (80.5) [wrong-type]",
      "3️⃣ spec.ingress[0].ports[2].port: must be an integer of 32 bits, but this is 9999999999 [wrong-type]"),
    Broken(
      "what YAML has beyond JSON",
      "podSelector: 1️⃣&all {}\ningress:\n- from:\n  - podSelector: 2️⃣*all\n  - namespaceSelector:\n      matchLabels:\n        3️⃣<<: {}\n        a: 4️⃣!!str 1",
      "1️⃣ spec.podSelector: YAML anchors are not supported: remove the anchor [anchor]",
      "2️⃣ spec.ingress[0].from[0].podSelector: YAML aliases are not supported: write the value out [alias]",
      "3️⃣ spec.ingress[0].from[1].namespaceSelector.matchLabels: YAML merge keys are not supported: write the fields out [merge-key]",
      "4️⃣ spec.ingress[0].from[1].namespaceSelector.matchLabels.a: YAML tags are not supported: remove the tag [tag]"
    ),
  ]
}
