using Lepton.Coordination.Client;

namespace Lepton.Coordination.Tests.Client;

public sealed class KeyRangeTests
{
    [Fact]
    public void Prefix_LastByteIs255_EndsBehindTheOneBefore()
    {
        Assert.Equal((Bytes)new byte[] { 2 }, KeyRange.Prefix(new byte[] { 1, 255, 255 }).End);
        Assert.Equal((Bytes)new byte[] { 0 }, KeyRange.Prefix(new byte[] { 255, 255 }).End);
        Assert.Equal(KeyRange.All, KeyRange.Prefix(Bytes.Empty));
    }

    [Theory]
    [InlineData("a/", "a/", true)]
    [InlineData("a/", "a/b", true)]
    [InlineData("a/", "a0", false)]
    [InlineData("a/", "a", false)]
    public void Contains_Prefix_IsWhatBeginsWithIt(string prefix, string key, bool expected) =>
        Assert.Equal(expected, KeyRange.Prefix(prefix).Contains(key));

    [Fact]
    public void Contains_OtherRanges_ByTheOrderOfBytes()
    {
        Assert.True(KeyRange.Of("a").Contains("a"));
        Assert.False(KeyRange.Of("a").Contains("aa"));
        Assert.True(KeyRange.From("b").Contains("z"));
        Assert.False(KeyRange.From("b").Contains("a"));
        Assert.True(KeyRange.Between("a", "c").Contains("b"));
        Assert.False(KeyRange.Between("a", "c").Contains("c"));
    }

    [Fact]
    public void Factories_EmptyKeyOrRange_SayWhatIsExpected()
    {
        Assert.Throws<ArgumentException>(() => KeyRange.Of(Bytes.Empty));
        Assert.Contains("holds no key", Assert.Throws<ArgumentException>(() => KeyRange.Between("b", "a")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_EachKind_IsReadable() => Assert.Equal(
        ["'a'", "'a*'", "'a' and behind", "'a' up to 'c'", "all keys"],
        ((KeyRange[])[KeyRange.Of("a"), KeyRange.Prefix("a"), KeyRange.From("a"), KeyRange.Between("a", "c"),
            KeyRange.All]).Select(range => range.ToString()));

    [Fact]
    public void Bytes_HalfASurrogatePair_IsRefused() => Assert.Contains(
        "half a surrogate pair at 1", Assert.Throws<ArgumentException>(() => Bytes.FromText("a\ud800")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Bytes_Comparison_IsByteByByte()
    {
        Assert.True((Bytes)"a" < "b" && (Bytes)"a" < "aa" && (Bytes)"é" > "z");
        Assert.Equal(((Bytes)"x").GetHashCode(), new Bytes(new byte[] { 120 }).GetHashCode());
        Assert.True((Bytes)"x" == new byte[] { 120 });
    }
}
