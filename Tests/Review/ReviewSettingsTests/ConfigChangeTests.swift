import TestSupport
import Testing

@Suite("diff: a change of the review's own settings is a finding", .bounded)
struct ConfigChangeTests {
  private static let open = TreeTests.policy.replacing(
    "from: [{podSelector: {matchLabels: {app: api}}}]", with: "from: [{namespaceSelector: {}}]")

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for side in ["old", "new"] {
      try folder.write("\(side)/policy.yaml", TreeTests.policy)
      try folder.write("\(side)/apps.yaml", TreeTests.workloads)
    }
    return folder
  }

  @Test("a pull request that excludes what it opens is compared as if it did not, and the exclusion is told")
  func exclusion() throws {
    let folder = try folder()
    try folder.write("new/policy.yaml", Self.open)
    try folder.write("new/.netpolcignore", "policy.yaml\n")
    let run = try CommandRun.netpolc("diff", "old", "new", "--no-ruleset", in: folder.path("."))
    #expect(run.status == 1)
    #expect(run.output.contains("exclusion policy.yaml is new (new/.netpolcignore:1:1)"), "\(run.output)")
    #expect(run.output.contains("WIDENED"), "\(run.output)")
    #expect(!run.output.contains("left out"))
    let sarif = try CommandRun.netpolc(
      "diff", "old", "new", "--no-ruleset", "--format", "sarif", in: folder.path("."))
    #expect(sarif.output.contains("\"ruleId\":\"review-config-changed\""))
  }

  @Test("the change alone counts as widened, in every format")
  func alone() throws {
    let folder = try folder()
    try folder.write(
      "new/.netpolc.yaml",
      "apiVersion: netpolc/v1\nkind: Config\nsuppress: [{rule: no-default-deny, reason: because}]\n")
    for (format, words) in [
      ("text", "settings of the review changed: 1 finding"),
      ("json", "\"reviewChanges\":[{\"text\":\"suppression of no-default-deny is new\""),
      ("markdown", "The settings of the review change"), ("github", "netpolc review-config-changed"),
    ] {
      let run = try CommandRun.netpolc(
        "diff", "old", "new", "--no-ruleset", "--fail-on", "widened", "--format", format, in: folder.path(".")
      )
      #expect(run.status == 1 && run.output.contains(words), "\(format): \(run.output) \(run.errors)")
    }
  }

  @Test("a suppression of lint that a policy gains, and exclusions that both sides have")
  func annotations() throws {
    let folder = try folder()
    try folder.write(
      "new/policy.yaml",
      TreeTests.policy.replacing(
        "namespace: shop}",
        with: "namespace: shop, annotations: {netpolc.io/lint-ignore: \"no-default-deny: x\"}}"))
    let run = try CommandRun.netpolc("diff", "old", "new", "--no-ruleset", in: folder.path("."))
    #expect(run.output.contains("suppression of lint in shop/web is new"), "\(run.output)")
    let quiet = try self.folder()
    for side in ["old", "new"] {
      try quiet.write("\(side)/.netpolcignore", "broken/\n")
      try quiet.write("\(side)/broken/x.yaml", "a: [\n")
    }
    let same = try CommandRun.netpolc("diff", "old", "new", "--no-ruleset", in: quiet.path("."))
    #expect(same.status == 0, "\(same.errors)")
    #expect(
      same.output.contains("left out: 1 file excluded by \"broken/\""), "\(same.output)")
  }

  @Test("settings of a revision count, and diff main HEAD is told what is missing")
  func revisions() throws {
    let folder = try TemporaryFolder()
    try folder.write("policies/policy.yaml", TreeTests.policy)
    try folder.write("policies/apps.yaml", TreeTests.workloads)
    func git(_ arguments: String...) throws {
      let run = try CommandRun.named(
        "git", ["-c", "user.name=n", "-c", "user.email=e@example.com"] + arguments, in: folder.path("."))
      #expect(run.status == 0, "\(run.errors)")
    }
    try git("init", "-q", "-b", "main", ".")
    try git("add", ".")
    try git("commit", "-q", "-m", "one")
    try git("checkout", "-q", "-b", "change")
    try folder.write("policies/policy.yaml", Self.open)
    try folder.write(".netpolcignore", "policies/policy.yaml\n")
    try git("add", ".")
    try git("commit", "-q", "-m", "two")
    let run = try CommandRun.netpolc(
      "diff", "main:policies", "HEAD:policies", "--no-ruleset", in: folder.path("."))
    #expect(run.output.contains("WIDENED"), "\(run.output) \(run.errors)")
    #expect(
      run.output.contains("exclusion policies/policy.yaml is new (HEAD:.netpolcignore:1:1)"), "\(run.output)")
    let whole = try CommandRun.netpolc("diff", "main:.", "HEAD:.", "--summary", in: folder.path("."))
    #expect(whole.output.hasPrefix("1 widened") && whole.status == 1, "\(whole.output) \(whole.errors)")
    let bare = try CommandRun.netpolc("diff", "main", "HEAD", in: folder.path("."))
    #expect(bare.status == 2 && bare.errors.contains("write main:PATH"), "\(bare.errors)")
  }

  @Test("a file of settings is one finding, whatever changes in it, and however the directory is written")
  func oncePerFile() throws {
    let folder = try TemporaryFolder()
    try folder.write("policy.yaml", TreeTests.policy)
    try folder.write("apps.yaml", TreeTests.workloads)
    try folder.write(".netpolcignore", "a/\nb/\n")
    func git(_ arguments: String...) throws {
      let run = try CommandRun.named(
        "git", ["-c", "user.name=n", "-c", "user.email=e@example.com"] + arguments, in: folder.path("."))
      #expect(run.status == 0, "\(run.errors)")
    }
    try git("init", "-q", "-b", "main", ".")
    try git("add", ".")
    try git("commit", "-q", "-m", "one")
    try folder.write(".netpolcignore", "c/\nb/\nd/\n")
    try folder.write(
      ".netpolc.yaml",
      "apiVersion: netpolc/v1\nkind: Config\nnode: x\nsuppress: [{rule: no-default-deny, reason: because}]\n")
    try git("add", ".")
    try git("commit", "-q", "-m", "two")
    for (old, new, place) in [
      ("main~:", "main:", "main:"), ("main~:./", "main:./", "main:"), ("main~:.", "main:", "main:"),
      ("main~:", ".", ""), ("main~:./", folder.path("."), ""), ("main~:policy.yaml", "policy.yaml", ""),
    ] {
      let run = try CommandRun.netpolc("diff", old, new, "--no-ruleset", in: folder.path("."))
      #expect(run.status == 1, "\(run.errors)")
      #expect(
        run.output.contains("settings of the review changed: 2 findings"), "\(old) \(new): \(run.output)")
      let told = run.output.split(separator: "\n").filter { $0.hasPrefix("REVIEW") }
      #expect(told.count == 2, "\(old) \(new): \(run.output)")
      #expect(
        told.contains {
          $0.contains(
            "exclusion c/ is new, exclusion d/ is new, exclusion a/ is gone (\(place).netpolcignore:1:1)")
        }, "\(run.output)")
    }
  }

  @Test("what is left out of each revision is counted, objects of other kinds too, by every command")
  func otherKinds() throws {
    let folder = try folder()
    func map(_ name: String) -> String {
      "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name), namespace: shop}\n"
    }
    try folder.write("old/apps.yaml", TreeTests.workloads + map("a"))
    try folder.write("new/apps.yaml", TreeTests.workloads + map("a") + map("b"))
    let kinds = "of kinds that netpolc does not use"
    let run = try CommandRun.netpolc("diff", "old", "new", "--no-ruleset", in: folder.path("."))
    #expect(
      run.output.contains(
        "left out: 2 objects \(kinds) (2 ConfigMap) (old revision: 1 object \(kinds) (1 ConfigMap))"),
      "\(run.output)")
    let same = try CommandRun.netpolc("diff", "new", "new", "--no-ruleset", in: folder.path("."))
    #expect(same.output.contains("left out: 2 objects \(kinds) (2 ConfigMap)\n"), "\(same.output)")
    let json = try CommandRun.netpolc("diff", "old", "new", "--format", "json", in: folder.path("."))
    #expect(
      json.output.contains(
        "\"leftOut\":[{\"count\":2,\"before\":1,\"reason\":\"of the kind ConfigMap, which netpolc does not use\"}]"
      ),
      "\(json.output)")
    for arguments in [["lint", "new"], ["list", "new"], ["explain", "shop/web", "shop/api", "80", "new"]] {
      let run = try CommandRun(BuiltProgram.netpolc, arguments, in: folder.path("."))
      #expect(
        run.errors.contains("note: skipped objects \(kinds): 2 ConfigMap [skipped-kinds]"), "\(run.errors)")
    }
  }

  @Test("--summary prints one line, -q none")
  func short() throws {
    let folder = try folder()
    try folder.write("new/policy.yaml", Self.open)
    let summary = try CommandRun.netpolc("diff", "old", "new", "--summary", in: folder.path("."))
    #expect(summary.output.split(separator: "\n").count == 1 && summary.status == 1, "\(summary.output)")
    let quiet = try CommandRun.netpolc("diff", "old", "new", "-q", in: folder.path("."))
    #expect(
      quiet.output.isEmpty && quiet.errors.isEmpty && quiet.status == 1, "\(quiet.output) \(quiet.errors)")
    let colour = try CommandRun.netpolc("diff", "old", "new", "--color", "always", in: folder.path("."))
    #expect(colour.output.contains("\u{1b}[31mWIDENED"))
  }
}
