// The start: command line, configuration, plugins, listening, and then the loop until the end.

using Valkey.Host.Lifecycle;

return StartUp.Run(args);
