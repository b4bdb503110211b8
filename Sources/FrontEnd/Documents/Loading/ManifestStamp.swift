#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files that manifests would be read from, with the marks by which the file system shows that one was
/// changed.
public struct ManifestStamp: Sendable, Hashable {
  /// The files, in the order in which they would be read.
  var files: [File] = []
  /// True where there is something besides that has no such marks: a path of a git revision, or standard
  /// input.
  public internal(set) var hasOthers = false

  struct File: Sendable, Hashable {
    let path: String
    /// Device, inode, size, and the times of the last change of content and of anything, in nanoseconds.
    let marks: [Int64]
    let contentTime: Int64

    init(_ path: String, _ status: stat) {
      self.path = path
      #if canImport(Darwin)
        let (content, any) = (status.st_mtimespec, status.st_ctimespec)
      #else
        let (content, any) = (status.st_mtim, status.st_ctim)
      #endif
      contentTime = Int64(content.tv_sec)
      marks = [
        Int64(truncatingIfNeeded: status.st_dev), Int64(truncatingIfNeeded: status.st_ino),
        Int64(status.st_size), Int64(content.tv_sec), Int64(content.tv_nsec), Int64(any.tv_sec),
        Int64(any.tv_nsec),
      ]
    }
  }

  /// When the newest of the files was written, in seconds since 1970; nil without files.
  public var newest: Int64? { files.map(\.contentTime).max() }
}
