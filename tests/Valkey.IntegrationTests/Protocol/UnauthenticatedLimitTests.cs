// Whoever has not said the password gets small buffers: few arguments, short ones.

namespace Valkey.IntegrationTests.Protocol;

public sealed class UnauthenticatedLimitTests(UnauthenticatedLimitTests.Fixture server)
    : IClassFixture<UnauthenticatedLimitTests.Fixture>
{
    [SkippableTheory]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    [InlineData("*11\r\n", "unauthenticated multibulk length")]
    [InlineData("*2\r\n$4\r\nAUTH\r\n$16385\r\n", "unauthenticated bulk length")]
    public async Task More_than_a_password_needs_is_refused(string bytes, string expectedError)
    {
        await using RespClient client = await server.ConnectAsync();

        await client.SendRawAsync(bytes);

        Assert.Equal($"-ERR Protocol error: {expectedError}\r\n", await client.ReadToEndAsync());
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task What_is_within_the_limits_is_answered()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.StartsWith("-NOAUTH", await client.RawAsync("MGET", 1, 2, 3, 4, 5, 6, 7, 8, 9), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGPASS", await client.RawAsync("AUTH", new string('x', 16384)), StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait(Tags.Name, Tags.ExternalSkip)]
    public async Task After_the_password_the_limits_are_gone()
    {
        await using RespClient client = await server.ConnectAsync();

        Assert.Equal("+OK\r\n", await client.RawAsync("AUTH", "secret"));

        Assert.Equal(":0\r\n", await client.RawAsync("EXISTS", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
        Assert.Equal(20_000, (await client.CallAsync("ECHO", new string('x', 20_000))).Text.Length);
    }

    public sealed class Fixture : ValkeyServerFixture
    {
        protected override ServerOptions Options => new() { Config = ["requirepass secret"] };
    }
}
