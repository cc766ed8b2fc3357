// The server is for Linux: epoll, /proc and fork semantics are assumed everywhere in this assembly.

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
