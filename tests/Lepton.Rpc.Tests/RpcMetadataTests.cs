namespace Lepton.Rpc.Tests;

public sealed class RpcMetadataTests
{
    [Fact]
    public void Add_RepeatedKey_KeepsAllAndGivesTheLast()
    {
        RpcMetadata metadata = [];
        metadata.Add("Key", "a");
        metadata.Add("key", "b");
        Assert.Equal(["a", "b"], metadata.Select(entry => entry.Text));
        Assert.Equal("b", metadata.GetText("KEY"));
        Assert.Null(metadata.GetText("other"));
    }

    [Fact]
    public void Add_BytesUnderTextKey_NamesTheSuffix()
    {
        RpcMetadata metadata = [];
        ArgumentException e = Assert.Throws<ArgumentException>(() => metadata.Add("key", [1]));
        Assert.Contains("does not end in '-bin'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key-bin", "x", "which is for bytes")]
    [InlineData("a key", "x", "holds ' '")]
    [InlineData("grpc-status", "x", "belongs to the protocol")]
    [InlineData("key", "line\nbreak", "U+000A at 4")]
    [InlineData("key", "naïve", "U+00EF at 2")]
    public void Add_WhatCannotTravel_SaysWhy(string key, string value, string expected)
    {
        RpcMetadata metadata = [];
        ArgumentException e = Assert.Throws<ArgumentException>(() => metadata.Add(key, value));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Empty(metadata);
    }
}
