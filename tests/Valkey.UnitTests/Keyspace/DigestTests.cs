using System.Text;
using Valkey.Host.Debugging;
using Xunit;

namespace Valkey.UnitTests.Keyspace;

public sealed class DigestTests
{
    [Fact]
    public void The_digest_of_nothing_is_zeros() => Assert.Equal(new string('0', 40), Digest(_ => { }));

    [Fact]
    public void Unordered_parts_may_come_in_any_order() => Assert.Equal(
        Digest(digest => { digest.AddUnordered("a"u8); digest.AddUnordered("b"u8); }),
        Digest(digest => { digest.AddUnordered("b"u8); digest.AddUnordered("a"u8); }));

    [Fact]
    public void Ordered_parts_may_not() => Assert.NotEqual(
        Digest(digest => { digest.AddOrdered("a"u8); digest.AddOrdered("b"u8); }),
        Digest(digest => { digest.AddOrdered("b"u8); digest.AddOrdered("a"u8); }));

    [Fact]
    public void Where_one_part_ends_and_the_next_begins_counts() => Assert.NotEqual(
        Digest(digest => { digest.AddOrdered("ab"u8); digest.AddOrdered("c"u8); }),
        Digest(digest => { digest.AddOrdered("a"u8); digest.AddOrdered("bc"u8); }));

    private static string Digest(Action<ContentDigest> feed)
    {
        ContentDigest digest = new();
        feed(digest);
        return Encoding.ASCII.GetString(digest.Hexadecimal());
    }
}
