import Foundation
public import Testing

/// The capabilities of the machine that tests run on, each looked for once.
public enum TestEnvironment {
  /// True where this process is root and can make network namespaces, mount file systems and load rulesets.
  public static let isRoot = geteuid() == 0

  /// True where `NETPOLC_TESTS=quick` asks for the tests of the inner loop only.
  public static let isQuick = ProcessInfo.processInfo.environment["NETPOLC_TESTS"] == "quick"

  /// The path of Chromium or Chrome; nil where neither is installed.
  public static let browser = [
    "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
  ].first(where: FileManager.default.isExecutableFile)
}

extension Trait where Self == ConditionTrait {
  /// Tests that make network namespaces or files of other users; skipped without root.
  public static var needsRoot: Self {
    .enabled(if: TestEnvironment.isRoot, "needs root, for network namespaces and files of other users")
  }

  /// Tests that open pages in a browser; skipped where Chromium is not installed.
  public static var needsBrowser: Self {
    .enabled(if: TestEnvironment.browser != nil, "needs Chromium, which is not installed")
  }

  /// Tests of more than a few seconds of one core, which the quick tier (`NETPOLC_TESTS=quick`) leaves out.
  public static var long: Self {
    .disabled(if: TestEnvironment.isQuick, "takes long: not part of the quick tier")
  }
}

extension Trait where Self == TimeLimitTrait {
  /// The time limit of each suite's tests, in minutes of wall-clock time. Tests run side by side and wait for each other,
  /// so that it is generous: it ends a test that hangs, and measures nothing.
  public static var bounded: Self { .timeLimit(.minutes(30)) }
}
