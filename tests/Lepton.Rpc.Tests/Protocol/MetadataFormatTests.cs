using FsCheck;
using FsCheck.Fluent;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Tests.Protocol;

public sealed class MetadataFormatTests
{
    [Fact]
    public void PercentEncode_AnyText_IsPrintableAsciiAndReadsBack() =>
        Prop.ForAll(ArbMap.Default.ArbFor<UnicodeString>(), text =>
        {
            string plain = new(text.Get.Where(c => !char.IsSurrogate(c)).ToArray());
            string encoded = MetadataFormat.PercentEncode(plain);
            return encoded.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 &&
                MetadataFormat.PercentDecode(encoded) == plain;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("50% of it", "50%25 of it")]
    [InlineData("a\nb", "a%0Ab")]
    [InlineData("é", "%C3%A9")]
    public void PercentEncode_Special_IsEscaped(string text, string expected) =>
        Assert.Equal(expected, MetadataFormat.PercentEncode(text));

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%4", "%4")]
    public void PercentDecode_BrokenEscape_IsKept(string text, string expected) =>
        Assert.Equal(expected, MetadataFormat.PercentDecode(text));

    [Theory]
    [InlineData("AQI", new byte[] { 1, 2 })]
    [InlineData("AQI=", new byte[] { 1, 2 })]
    [InlineData("", new byte[0])]
    public void AddReceived_BinaryPaddedOrNot_GivesBytes(string value, byte[] expected)
    {
        RpcMetadata metadata = [];
        MetadataFormat.AddReceived(metadata, "Key-Bin", value);
        Assert.Equal(expected, metadata.GetBytes("key-bin"));
    }

    [Fact]
    public void AddReceived_BinaryValuesJoinedByCommas_GivesEach()
    {
        RpcMetadata metadata = [];
        MetadataFormat.AddReceived(metadata, "key-bin", "AQ,Ag==, !!,Aw");
        Assert.Equal([[1], [2], [3]], metadata.Select(entry => entry.Bytes));
    }

    [Theory]
    [InlineData("grpc-timeout")]
    [InlineData("content-type")]
    [InlineData("te")]
    [InlineData("host")]
    public void AddReceived_HeaderOfTheProtocol_IsNoMetadata(string key)
    {
        RpcMetadata metadata = [];
        MetadataFormat.AddReceived(metadata, key, "x");
        Assert.Empty(metadata);
    }
}
