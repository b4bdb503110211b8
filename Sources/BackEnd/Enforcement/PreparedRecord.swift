#if os(Linux)
  import Assembler
  import KernelProgram
  import Ruleset

  /// The record of a table that an `InstalledTable` holds, worked out apart from it: what takes as long as the table is large is
  /// done here, on any thread.
  public struct PreparedRecord: Sendable {
    /// The revision of the table.
    public let revision: UInt64
    let request: Enforcer.Request
    let marker: RevisionMarker
    let objects: ObjectDigests

    /// Works the record out. O(n log n) in the table.
    ///
    /// - Parameters:
    ///   - request: what is installed, with what it was made from.
    ///   - revision: the revision that is installed.
    public init(_ request: Enforcer.Request, revision: UInt64) {
      self.request = request
      self.revision = revision
      marker = RevisionMarker(revision: revision, digest: request.digest)
      objects = ObjectDigests(Assembler.assemble(request.table.marked(marker)))
    }
  }
#endif
