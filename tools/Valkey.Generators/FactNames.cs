// FactNames.cs: how the words of a facts file are called in the contract's enums. A word that is not listed is an
// error of the facts file, so that a misspelt flag stops the build instead of silently not applying.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Valkey.Generators;

internal static class FactNames
{
    private static readonly Dictionary<string, string> s_flags = Table(
        "write Write", "readonly ReadOnly", "denyoom DenyOom", "admin Admin", "pubsub PubSub", "noscript NoScript",
        "blocking Blocking", "loading Loading", "stale Stale", "skip_monitor SkipMonitor",
        "skip_commandlog SkipCommandLog", "asking Asking", "fast Fast", "no_auth NoAuth",
        "no_mandatory_keys NoMandatoryKeys", "no_async_loading NoAsyncLoading", "no_multi NoMulti",
        "movablekeys MovableKeys", "allow_busy AllowBusy", "all_dbs AllDbs", "may_replicate MayReplicate",
        "only_sentinel OnlySentinel", "protected Protected", "sentinel Sentinel",
        "touches_arbitrary_keys TouchesArbitraryKeys", "module_getkeys ModuleGetKeys");

    private static readonly Dictionary<string, string> s_categories = Table(
        "keyspace Keyspace", "read Read", "write Write", "set Set", "sortedset SortedSet", "list List", "hash Hash",
        "string String", "bitmap Bitmap", "hyperloglog HyperLogLog", "geo Geo", "stream Stream", "pubsub PubSub",
        "admin Admin", "fast Fast", "slow Slow", "blocking Blocking", "dangerous Dangerous", "connection Connection",
        "transaction Transaction", "scripting Scripting");

    private static readonly Dictionary<string, string> s_keySpecFlags = Table(
        "ro ReadOnly", "rw ReadWrite", "ow Overwrite", "rm Remove", "access Access", "update Update", "insert Insert",
        "delete Delete", "not_key NotKey", "incomplete Incomplete", "variable_flags VariableFlags");

    private static readonly Dictionary<string, string> s_docFlags = Table(
        "deprecated Deprecated", "syscmd SystemCommand");

    public static string Flags(JsonValue words) => Combine("CommandFlags", s_flags, words, "command flag");

    public static string Categories(JsonValue words) => Combine("AclCategories", s_categories, words, "category");

    public static string KeySpecFlags(JsonValue words) => Combine("KeySpecFlags", s_keySpecFlags, words, "key flag");

    public static string DocFlags(JsonValue words) => Combine("CommandDocFlags", s_docFlags, words, "doc flag");

    /// <summary>Writes the members as an expression of their enum; an empty set is the enum's zero.</summary>
    public static string Combine(string enumName, IReadOnlyList<string> members) => members.Count == 0
        ? $"default({enumName})"
        : string.Join(" | ", members.Select(member => $"{enumName}.{member}"));

    private static string Combine(string enumName, Dictionary<string, string> table, JsonValue words, string what)
    {
        List<string> members = [];
        foreach (JsonValue word in FactsReader.Items(words))
        {
            string name = FactsReader.String(word);
            if (!table.TryGetValue(name.ToLowerInvariant(), out string? member))
            {
                throw new FactsFormatException(word.Offset, $"there is no {what} \"{name}\"");
            }
            members.Add(member);
        }
        return Combine(enumName, members);
    }

    private static Dictionary<string, string> Table(params string[] pairs) => pairs
        .Select(pair => pair.Split(' '))
        .ToDictionary(words => words[0], words => words[1], StringComparer.Ordinal);
}
