// What is counted (native memory) and hooked (the modules' service) belongs to the process: one test class after the other.

using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
