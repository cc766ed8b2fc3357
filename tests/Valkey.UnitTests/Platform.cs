[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// Some options are the process's own state (working directory, locale): tests that change it do not run beside others.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
