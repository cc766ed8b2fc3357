// The host is the one implementer of the contracts: it alone fills in what plugins may only read.

using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("valkey-server")]
[assembly: InternalsVisibleTo("Valkey.UnitTests")]
[assembly: InternalsVisibleTo("Valkey.PluginTests")]
[assembly: InternalsVisibleTo("Valkey.Aof.Tests")]
[assembly: InternalsVisibleTo("Valkey.Hashes.Tests")]
[assembly: InternalsVisibleTo("Valkey.Lists.Tests")]
[assembly: InternalsVisibleTo("Valkey.Sets.Tests")]
[assembly: InternalsVisibleTo("Valkey.Strings.Tests")]
[assembly: CLSCompliant(false)]
