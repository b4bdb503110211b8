import NetpolcCommands

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The executable `netpolc`.
@main
enum Main {
  static func main() { exit(NetpolcProgram.run()) }
}
