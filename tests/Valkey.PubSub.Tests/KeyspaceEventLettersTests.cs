using Valkey.Abstractions;
using Xunit;

namespace Valkey.PubSub.Tests;

public sealed class KeyspaceEventLettersTests
{
    [Theory]
    [InlineData("KEA", "AKE")]
    [InlineData("g$lshzxetd", "A")]
    [InlineData("Kxge", "gxeK")]
    [InlineData("nmE", "nEm")]
    [InlineData("AKEmn", "AKEm")]
    [InlineData("", "")]
    public void Letters_of_events_are_printed_in_their_order(string letters, string expected)
    {
        Assert.True(KeyspaceEventLetters.TryParse(letters, out KeyspaceEvent classes));

        Assert.Equal(expected, KeyspaceEventLetters.Print(classes));
    }

    [Theory]
    [InlineData("KEQ")]
    [InlineData("a")]
    [InlineData("K E")]
    public void An_unknown_letter_is_refused(string letters) => Assert.False(KeyspaceEventLetters.TryParse(letters, out _));
}
