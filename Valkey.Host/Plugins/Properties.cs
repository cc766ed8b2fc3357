// The loader's tests reach it directly: most of what can go wrong with a plugin never gets as far as a running server.

using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Valkey.PluginTests")]
