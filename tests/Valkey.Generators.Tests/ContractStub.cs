// The part of the contract that generated code is written against, as source: the generator is tested without the
// contract's assembly, and a generated file must compile against exactly these members.

namespace Valkey.Generators.Tests;

internal static class ContractStub
{
    public const string Source = """
        #nullable enable
        using System;

        namespace Valkey.Abstractions;

        public sealed class CommandContext { }
        public sealed class CommandArguments { }
        public sealed class KeyCollector { }
        public delegate void CommandHandler(CommandContext context);
        public delegate bool KeyFinder(CommandArguments arguments, KeyCollector keys);

        [Flags]
        public enum CommandFlags : ulong
        {
            None = 0, Write = 1, ReadOnly = 2, DenyOom = 4, Admin = 8, PubSub = 16, NoScript = 32, Blocking = 64,
            Loading = 128, Stale = 256, SkipMonitor = 512, SkipCommandLog = 1024, Asking = 2048, Fast = 4096,
            NoAuth = 8192, NoMandatoryKeys = 1 << 14, NoAsyncLoading = 1 << 15, NoMulti = 1 << 16,
            MovableKeys = 1 << 17, AllowBusy = 1 << 18, AllDbs = 1 << 19, MayReplicate = 1 << 20,
            OnlySentinel = 1 << 21, Protected = 1 << 22, Sentinel = 1 << 23, TouchesArbitraryKeys = 1 << 24,
            ModuleGetKeys = 1 << 25, ReadWriteMask = 3,
        }

        [Flags]
        public enum AclCategories : ulong
        {
            None = 0, Keyspace = 1, Read = 2, Write = 4, Set = 8, SortedSet = 16, List = 32, Hash = 64, String = 128,
            Bitmap = 256, HyperLogLog = 512, Geo = 1024, Stream = 2048, PubSub = 4096, Admin = 8192, Fast = 1 << 14,
            Slow = 1 << 15, Blocking = 1 << 16, Dangerous = 1 << 17, Connection = 1 << 18, Transaction = 1 << 19,
            Scripting = 1 << 20,
        }

        [Flags]
        public enum KeySpecFlags
        {
            None = 0, ReadOnly = 1, ReadWrite = 2, Overwrite = 4, Remove = 8, Access = 16, Update = 32, Insert = 64,
            Delete = 128, NotKey = 256, Incomplete = 512, VariableFlags = 1024,
        }

        [Flags]
        public enum CommandDocFlags { None = 0, Deprecated = 1, SystemCommand = 2 }

        public enum KeySpecBeginKind { Unknown, Index, Keyword }
        public enum KeySpecFindKind { Unknown, Range, KeyNumber }

        public readonly record struct KeySpecBegin(KeySpecBeginKind Kind, int Position, string? Keyword);
        public readonly record struct KeySpecFind(
            KeySpecFindKind Kind, int LastKey, int Step, int Limit, int KeyNumberIndex, int FirstKey);

        public sealed class KeySpec
        {
            public required KeySpecFlags Flags { get; init; }
            public string? Notes { get; init; }
            public required KeySpecBegin Begin { get; init; }
            public required KeySpecFind Find { get; init; }
        }

        public sealed class CommandDefinition
        {
            public required string Name { get; init; }
            public required int Arity { get; init; }
            public required CommandFlags Flags { get; init; }
            public required AclCategories Categories { get; init; }
            public required string Group { get; init; }
            public required string Since { get; init; }
            public required CommandHandler? Handler { get; init; }
            public KeyFinder? KeyFinder { get; init; }
            public string[] Tips { get; init; } = [];
            public KeySpec[] KeySpecs { get; init; } = [];
            public CommandDocFlags DocFlags { get; init; }
            public string Documentation { get; init; } = "{}";
        }

        public interface ICommandRegistry { void Add(CommandDefinition definition); }

        [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
        public sealed class CommandAttribute(string name) : Attribute
        {
            public string Name { get; } = name;
            public string? KeyFinder { get; init; }
            public int Arity { get; init; }
            public CommandFlags Flags { get; init; }
            public AclCategories Categories { get; init; }
            public int FirstKey { get; init; }
            public int LastKey { get; init; }
            public int KeyStep { get; init; }
            public string? Summary { get; init; }
            public string? Complexity { get; init; }
            public string? Since { get; init; }
            public string? Group { get; init; }
        }

        [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
        public sealed class CommandContainerAttribute(string name) : Attribute
        {
            public string Name { get; } = name;
        }
        """;
}
