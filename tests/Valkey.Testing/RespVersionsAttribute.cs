// Runs a theory once under RESP2 and once under RESP3: [SkippableTheory, RespVersions].

using System.Reflection;
using Xunit.Sdk;

namespace Valkey.Testing;

/// <summary>Data of a theory: each row is the protocol's version, followed by the given values.</summary>
/// <param name="values">Arguments of the test behind the version.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class RespVersionsAttribute(params object[] values) : DataAttribute
{
    /// <summary>Arguments of the test behind the version.</summary>
    public IReadOnlyList<object> Values { get; } = values;

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[2, .. Values], [3, .. Values]];
}
