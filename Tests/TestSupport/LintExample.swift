/// Policies for which one rule of lint has a finding, and policies for which it has none.
public struct LintExample: Sendable, CustomStringConvertible {
  /// The rule's id.
  public let rule: String
  /// Policies with a finding, each in YAML.
  public let fires: [String]
  /// Policies without one, each in YAML.
  public let silent: [String]
  /// The rule's id.
  public var description: String { rule }

  init(_ rule: String, fires: String..., silent: String...) {
    (self.rule, self.fires, self.silent) = (rule, fires, silent)
  }

  /// A policy `p` of namespace `shop` with the given spec, in YAML's flow style.
  public static func policy(_ spec: String, name: String = "p", annotations: String = "{}") -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: \(name), namespace: shop, annotations: \(annotations)}
    spec: \(spec)
    """
  }

  /// A service of the pods `app=db`, as one more document.
  public static let service = """

    ---
    kind: Service
    apiVersion: v1
    metadata: {name: db, namespace: shop}
    spec: {clusterIP: 10.96.0.7, selector: {app: db}, ports: [{port: 5432, targetPort: http}]}
    """

  /// Three kinds of objects that lead a controller of ingress to that service.
  private static let ingress = """

    ---
    kind: Ingress
    apiVersion: networking.k8s.io/v1
    metadata: {name: db, namespace: shop}
    spec: {rules: [{http: {paths: [{path: /, backend: {service: {port: {number: 5432}, name: db}}}]}}]}
    """
  private static let gateway = """

    ---
    kind: HTTPRoute
    apiVersion: gateway.networking.k8s.io/v1
    metadata: {name: db, namespace: other}
    spec: {rules: [{backendRefs: [{name: db, namespace: shop, port: 5432}]}]}
    """
  private static let openShift = """

    ---
    kind: Route
    apiVersion: route.openshift.io/v1
    metadata: {name: db, namespace: shop}
    spec: {to: {kind: Service, name: db}, port: {targetPort: http}}
    """

  /// Namespaces and pods that the examples are read with, in YAML.
  public static let inventory = """
    kind: Namespace
    apiVersion: v1
    metadata: {name: shop, labels: {team: red}}
    ---
    kind: Namespace
    apiVersion: v1
    metadata: {name: other, labels: {team: blue}}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.1}, {ip: "fd00::1"}]}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: db, namespace: shop, labels: {app: db}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.2}]}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: agent, namespace: shop, labels: {app: agent}}
    spec: {hostNetwork: true, containers: [{name: c}]}
    status: {phase: Running, podIPs: [{ip: 192.168.0.1}]}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: client, namespace: other, labels: {app: client}}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.3}]}
    """

  /// The selector of the pod `web`, in YAML.
  public static let web = "podSelector: {matchLabels: {app: web}}"

  /// One example or more of each rule.
  public static let all = ofNetworkPolicies + ofClusterPolicies + ofNodes

  private static let ofNetworkPolicies: [LintExample] = [
    LintExample(
      "selects-no-pod", fires: policy("{podSelector: {matchLabels: {app: gone}}}"), silent: policy("{\(web)}")
    ),
    LintExample(
      "selector-never-matches",
      fires: policy(
        "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}"
      ),
      silent: policy(
        "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: NotIn, values: [db]}]}}"
      )),
    LintExample(
      "selects-generated-label",
      fires: policy("{podSelector: {matchLabels: {pod-template-hash: abc}}}"), silent: policy("{\(web)}")),
    LintExample(
      "host-network-pod", fires: policy("{podSelector: {matchLabels: {app: agent}}}"),
      policy("{podSelector: {}}"),
      silent: policy("{\(web)}")),
    LintExample(
      "peer-matches-no-pod",
      fires: policy("{\(web), ingress: [{from: [{podSelector: {matchLabels: {app: gone}}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}")),
    LintExample(
      "no-such-namespace",
      fires: policy("{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {name: other}}}]}]}"),
      silent: policy(
        "{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}]}"
      ),
      // Every cluster has it.
      policy(
        "{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}]}"
      )),
    LintExample(
      "split-selectors",
      fires: policy(
        "{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}, {podSelector: {matchLabels: {app: client}}}]}]}"
      ),
      silent: policy(
        "{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: client}}}]}]}"
      )),
    LintExample(
      "except-swallows-block",
      fires: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24, except: [1.2.3.0/25, 1.2.3.128/25]}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24, except: [1.2.3.0/25]}}]}]}")),
    LintExample(
      "block-covers-pods",
      fires: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/16}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"),
      policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}")),
    LintExample(
      "host-bits", fires: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.4/24}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}")),
    LintExample(
      "ipv4-without-ipv6", fires: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}"),
      silent: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}, {ipBlock: {cidr: \"2001:db8::/64\"}}]}]}"),
      policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}")),
    LintExample(
      "duplicate-entry",
      fires: policy("{\(web), ingress: [{ports: [{port: 80}, {port: 80, protocol: TCP}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: 80}, {port: 80, protocol: UDP}]}]}")),
    LintExample(
      "unknown-port-name", fires: policy("{\(web), ingress: [{ports: [{port: metrics}]}]}"),
      policy("{\(web), ingress: [{ports: [{port: http, protocol: UDP}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: http}]}]}")),
    LintExample(
      "port-name-differs", fires: policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: http}]}]}")),
    LintExample(
      "port-covered", fires: policy("{\(web), ingress: [{ports: [{port: 85}, {port: 80, endPort: 90}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: 95}, {port: 80, endPort: 90}]}]}")),
    LintExample(
      "end-port-same", fires: policy("{\(web), ingress: [{ports: [{port: 80, endPort: 80}]}]}"),
      policy("{\(web), policyTypes: [Egress], egress: [{ports: [{port: 53, endPort: 53, protocol: UDP}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: 80}]}]}"),
      policy("{\(web), ingress: [{ports: [{port: 80, endPort: 81}]}]}")),
    LintExample(
      "world-open-range",
      fires: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 1, endPort: 900}]}]}"),
      policy("{\(web), ingress: [{ports: [{port: 30000, endPort: 32767}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]}")),
    LintExample(
      "dns-without-tcp",
      fires: policy("{\(web), policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}"),
      silent: policy(
        "{\(web), policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}, {port: 53}]}]}")),
    LintExample(
      "rules-without-type", fires: policy("{\(web), policyTypes: [Egress], ingress: [{}]}"),
      silent: policy("{\(web), policyTypes: [Egress, Ingress], ingress: [{}]}")),
    LintExample(
      "egress-without-dns",
      fires: policy("{\(web), policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}"),
      policy(dnsTo("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dns}}}", port: 53))
        + dnsPods,
      silent: policy(
        "{\(web), policyTypes: [Egress], egress: [{ports: [{port: 443}]}, {ports: [{port: 53, protocol: UDP}]}]}"
      ),
      policy("{\(web), policyTypes: [Egress]}"),
      policy(dnsTo("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dns}}}", port: 5353))
        + dnsPods),
    LintExample(
      "block-is-service",
      fires: policy("{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.96.0.0/12}}]}]}")
        + service,
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 10.96.0.0/12}}]}]}") + service,
      policy("{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}") + service,
      policy("{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.112.0.0/12}}]}]}") + service),
    LintExample(
      "port-is-service-port",
      fires: policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]}"
      ) + service,
      policy("{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}") + service,
      silent: policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 8080}]}]}"
      ) + service,
      policy("{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}, {port: http}]}]}")
        + service,
      policy("{\(web), ingress: [{ports: [{port: 5432}]}]}") + service),
    LintExample(
      "ingress-denied",
      fires: policy("{podSelector: {matchLabels: {app: db}}}") + service + ingress,
      policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}") + service
        + gateway,
      policy("{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}") + service
        + openShift,
      silent: policy(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 8080}]}]}"
      )
        + service + ingress + gateway + openShift,
      policy("{podSelector: {matchLabels: {app: db}}}") + service),
    LintExample(
      "allow-all-among-others", fires: policy("{\(web), ingress: [{ports: [{port: 80}]}, {}]}"),
      silent: policy("{\(web), ingress: [{}]}")),
    LintExample("no-default-deny", fires: policy("{\(web)}"), silent: policy("{podSelector: {}}")),
    LintExample(
      "allows-everything", fires: policy("{\(web), ingress: [{}]}"),
      silent: policy("{\(web), ingress: [{}], policyTypes: [Ingress, Egress]}")),
    LintExample(
      "rule-covered",
      fires: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.0.0/17}}]}, {from: [{ipBlock: {cidr: 1.2.128.0/17}}]}, {from: [{ipBlock: {cidr: 1.2.64.0/18}}, {ipBlock: {cidr: 1.2.192.0/18}}]}]}"
      ),
      silent: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.0.0/17}}]}, {from: [{ipBlock: {cidr: 1.3.64.0/18}}]}]}"
      )),
    LintExample(
      "duplicate-policy", fires: policy("{\(web)}") + "\n---\n" + policy("{\(web)}", name: "q"),
      silent: policy("{\(web)}") + "\n---\n" + policy("{podSelector: {matchLabels: {app: db}}}", name: "q")),
    LintExample(
      "bad-suppression", fires: policy("{\(web)}", annotations: "{netpolc.io/lint-ignore: no-default-deny}"),
      policy("{\(web)}", annotations: "{netpolc.io/lint-ignore: \"no-such-rule: because\"}"),
      silent: policy(
        "{\(web)}", annotations: "{netpolc.io/lint-ignore: \"no-default-deny: all is meant to be open\"}")),
    LintExample(
      "one-sided",
      fires: policy("{\(web), policyTypes: [Egress], egress: [{to: [{\(db)}], ports: [{port: 8080}]}]}")
        + "\n---\n"
        + policy("{\(db), ingress: [{from: [{\(web)}], ports: [{port: 81}]}]}", name: "q"),
      policy("{\(db), ingress: [{from: [{\(web)}], ports: [{port: 8080}]}]}") + "\n---\n"
        + policy("{\(web), policyTypes: [Egress]}", name: "q"),
      silent: policy("{\(web), policyTypes: [Egress], egress: [{to: [{\(db)}], ports: [{port: 8080}]}]}")
        + "\n---\n"
        + policy("{\(db), ingress: [{from: [{\(web)}], ports: [{port: 8080, endPort: 8090}]}]}", name: "q"),
      // One of several pods that are meant is enough.
      policy("{\(web), policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}")
        + "\n---\n" + policy("{\(db)}", name: "q")),
    LintExample(
      "port-name-towards-block",
      fires: policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 1.2.3.0/24}}], ports: [{port: http}]}]}"
      ),
      silent: policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 1.2.3.0/24}}], ports: [{port: 80}]}]}"
      ),
      policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}], ports: [{port: http}]}]}")),
    LintExample(
      "empty-opens", fires: policy("{\(web), ingress: [{from: [], ports: [{port: 80}]}]}"),
      policy("{\(web), ingress: [{from: [{\(db)}], ports: }]}"),
      policy("{\(web), ingress: [{from: [{\(db)}], ports: [{protocol: TCP, port: }]}]}"),
      policy("{\(web), policyTypes: [Egress], egress: [{to: null}]}"),
      silent: policy(
        "{\(web), ingress: [{ports: [{port: 80}]}, {from: [{\(db)}], ports: [{protocol: TCP}]}]}")),
    LintExample(
      "metadata-address",
      fires: policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 80}]}]}"
      ),
      policy("{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: \"fd00::/8\"}}]}]}"),
      policy("{\(web), policyTypes: [Egress], egress: [{}]}"),
      silent: policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}]}"
      ),
      policy(
        "{\(web), policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]}"
      )),
    LintExample(
      "namespace-without-pods",
      fires: policy("{podSelector: {}}").replacing("namespace: shop", with: "namespace: empty"),
      silent: policy("{podSelector: {}}"), policy("{podSelector: {matchLabels: {app: gone}}}")),
    LintExample(
      "future-pods-open", fires: policy("{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}"),
      silent: policy("{podSelector: {}}"), policy("{\(web)}")),
    LintExample(
      "dns-other-name",
      fires: policy(dnsTo("{namespaceSelector: {matchLabels: {team: blue}}}", port: 53)) + dnsPods,
      // The pods of DNS listen on another port than the Service.
      policy(dnsTo("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dns}}}", port: 53))
        + dnsPods,
      silent: policy(
        dnsTo("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dns}}}", port: 5353))
        + dnsPods,
      policy(dnsTo("{namespaceSelector: {matchLabels: {team: blue}}}", port: 53))),
  ]

  private static let db = "podSelector: {matchLabels: {app: db}}"

  private static func dnsTo(_ peer: String, port: Int) -> String {
    "{\(web), policyTypes: [Egress], egress: [{to: [\(peer)], ports: [{port: \(port), protocol: UDP}, {port: \(port)}]}]}"
  }

  private static let dnsPods = """

    ---
    kind: Namespace
    apiVersion: v1
    metadata: {name: dns}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: dns-1, namespace: dns, labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: c, ports: [{name: dns, containerPort: 5353, protocol: UDP}]}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.53}]}
    """
}
