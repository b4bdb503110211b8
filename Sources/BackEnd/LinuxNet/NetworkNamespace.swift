#if os(Linux)
  import CLinux
  import Glibc

  /// A network namespace without a name.
  ///
  /// Only a descriptor keeps it, so it goes with this object, or with the process however that ends. Meant for
  /// trials: what is made for good has a name.
  public final class NetworkNamespace: Sendable {
    private let file: Descriptor

    /// The namespace's descriptor, open as long as this object lives.
    public var descriptor: Int32 { file.number }

    /// A new, empty namespace with its loopback interface down. Needs CAP_SYS_ADMIN.
    ///
    /// - Throws: `SystemFailure` with the errno of the system call that failed.
    public init() throws(SystemFailure) {
      file = try onOwnThread { () throws(SystemFailure) in
        _ = try checked(clinux_unshare_network(), "make a network namespace")
        return try Descriptor(path: "/proc/thread-self/ns/net", flags: O_RDONLY)
      }
    }

    /// Runs `body` on a thread of its own inside the namespace, and waits for it.
    ///
    /// Sockets and processes that it makes stay in the namespace.
    ///
    /// - Throws: `SystemFailure` where the namespace cannot be entered; the error of `body`.
    public func run<Result: ~Copyable, Failure: Error>(_ body: () throws(Failure) -> Result) throws -> Result
    {
      try onOwnThread {
        _ = try checked(clinux_enter_network(descriptor), "enter a network namespace")
        return try body()
      }
    }
  }

  /// Runs `body` on a new thread and waits for it, so that what it does to its thread (namespace, CPU,
  /// capabilities) ends with it. Swift's own threads are never touched.
  ///
  /// - Throws: the error of `body`.
  public func onOwnThread<Result: ~Copyable, Failure: Error>(_ body: () throws(Failure) -> Result)
    throws(Failure) -> Result
  {
    var result: Swift.Result<Result, Failure>?
    withoutActuallyEscaping(body) { body in
      let work = Work {
        result = Swift.Result { () throws(Failure) in try body() }
      }
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(work)
      let failure = pthread_create(
        &thread, nil,
        { raw in
          guard let raw else { return nil }
          Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().run()
          return nil
        }, argument.toOpaque())
      precondition(failure == 0, "no thread could be made")
      pthread_join(thread, nil)
    }
    guard let finished = result.take() else { preconditionFailure("the joined thread has set the result") }
    return try finished.get()
  }

  /// Carries a closure through a C pointer.
  private final class Work {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }
#endif
