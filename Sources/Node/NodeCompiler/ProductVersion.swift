/// The version of this build of netpolc.
public enum ProductVersion {
  /// A semantic version: `0.1.0`.
  public static let current = "0.1.0"
}
