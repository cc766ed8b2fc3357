// The contract's surface is a checked-in file: nobody grows or breaks it by accident.

using System.Reflection;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.ArchitectureTests;

public sealed class PublicApiTests
{
    private const string UpdateVariable = "UPDATE_PUBLIC_API";

    [Theory]
    [InlineData(typeof(IValkeyPlugin))]
    [InlineData(typeof(NativeHeap))]
    public void The_public_surface_is_the_one_that_was_agreed_on(Type typeOfTheAssembly)
    {
        ArgumentNullException.ThrowIfNull(typeOfTheAssembly);
        Assembly assembly = typeOfTheAssembly.Assembly;
        string file = Path.Combine(TestEnvironment.RepositoryRoot, assembly.GetName().Name!, "PublicApi.txt");
        string[] actual = PublicApi.Of(assembly);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1") File.WriteAllLines(file, actual);

        string[] agreed = File.Exists(file) ? File.ReadAllLines(file) : [];

        string[] difference =
        [
            .. agreed.Except(actual).Select(line => "- " + line),
            .. actual.Except(agreed).Select(line => "+ " + line),
        ];
        Assert.True(
            difference.Length == 0,
            $"The surface differs from {file}:\n{string.Join('\n', difference)}\n"
            + "Within a major version it may only grow. When the change is meant, run this test once with "
            + $"{UpdateVariable}=1 and commit the file.");
    }
}
