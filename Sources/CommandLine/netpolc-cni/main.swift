import CNIPlugin
import CPluginStart

#if canImport(Glibc)
  import Glibc
#endif

#if os(Linux)
  plugin_start()
  exit(AgentSocket.main())
#endif
