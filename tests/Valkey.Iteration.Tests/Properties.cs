[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// Servers in one process share what is static (the heap's count, the room for epochs): one test at a time.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
