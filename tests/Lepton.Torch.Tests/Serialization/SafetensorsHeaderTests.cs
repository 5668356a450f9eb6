using System.Text;
using Lepton.Torch.Serialization;

namespace Lepton.Torch.Tests.Serialization;

public sealed class SafetensorsHeaderTests
{
    private const string Two =
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},""" +
        """ "b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}""";

    [Fact]
    public void Parse_TwoTensorsAndMetadata_TellsOfThem()
    {
        SafetensorsHeader header = Parse(
            """
            { "__metadata__": {"format": "pt"},
              "b\u00e9": {"shape": [0, 3], "dtype": "BF16", "data_offsets": [8, 8], "more": [{"x": 1}]},
              "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} }
            """, 8);

        Assert.Equal(["bé", "a"], header.Entries.Keys);
        Assert.Equal("pt", header.Metadata["format"]);
        Assert.Equal(DType.BFloat16, header.Entries["bé"].DType);
        Assert.Equal([0, 3], header.Entries["bé"].Shape);
        Assert.Equal(8, header.Entries["a"].Bytes);
    }

    [Theory]
    [InlineData("", 0, "does not begin with '{'")]
    [InlineData("[]", 0, "does not begin with '{'")]
    [InlineData("{", 0, "no valid JSON")]
    [InlineData("{} x", 0, "no valid JSON")]
    [InlineData("{\"a\":1}", 0, "'a' in the header is no JSON object")]
    [InlineData("{\"a\":{}}", 0, "tensor 'a' has no dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "has no data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "has no data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "more than 2 numbers")]
    [InlineData("{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "none of BOOL, U8")]
    [InlineData("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "the dtype of tensor 'a' is no text")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "other than integers from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "other than integers from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1e99],\"data_offsets\":[0,4]}}", 4, "other than integers from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}}", 4, "other than integers from 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, "no array of integers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "has 4 bytes; F32[2] needs 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "ends (0) before it begins (4)")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "a hole")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "it is cut off")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 6, "2 bytes at the file's end")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "'a' in __metadata__ is no text")]
    [InlineData("{\"__metadata__\":[]}", 0, "'__metadata__' in the header is no JSON object")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "'a' is there twice in __metadata__")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "'__metadata__' is there twice")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "a text in the header")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\"}}", 1, "has 'dtype' twice")]
    public void Parse_BrokenHeader_SaysWhatIsWrong(string json, long dataBytes, string expected)
    {
        var e = Assert.Throws<FormatException>(() => Parse(json, dataBytes));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SameNameTwice_Refused()
    {
        string twice = Two.Replace("\"b\"", "\"\\u0061\"", StringComparison.Ordinal);

        Assert.Contains(
            "'a' is there twice in the header", Assert.Throws<FormatException>(() => Parse(twice, 9)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Overlap_NamesBoth()
    {
        string overlapping = Two.Replace("[8,9]", "[7,8]", StringComparison.Ordinal);

        Assert.Contains(
            "tensors 'a' and 'b' overlap", Assert.Throws<FormatException>(() => Parse(overlapping, 8)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[9223372036854775807,9223372036854775807]")]
    [InlineData("[4611686018427387904,4]")]
    [InlineData("[0,9223372036854775807,9223372036854775807]")]
    public void Parse_SizesThatOverflow_Refused(string shape)
    {
        string json = $$$"""{"a":{"dtype":"F32","shape":{{{shape}}},"data_offsets":[0,0]}}""";

        Assert.Contains(
            "larger than any memory", Assert.Throws<FormatException>(() => Parse(json, 0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_DeepNesting_RefusedWithoutStack()
    {
        string deep = "{\"a\":{\"x\":" + new string('[', 100_000) + new string(']', 100_000) + "}}";

        Assert.Contains(
            "no valid JSON", Assert.Throws<FormatException>(() => Parse(deep, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NotUtf8_Refused()
    {
        byte[] bytes = [.. "{\"a"u8, 0xC3, 0x28, .. "\":{}}"u8];

        var e = Assert.Throws<FormatException>(() => SafetensorsHeader.Parse(bytes, 0));

        Assert.Contains("not UTF-8", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_AnyByteChanged_RefusedOrStillWhole()
    {
        byte[] good = Encoding.UTF8.GetBytes(Two);
        for (int at = 0; at < good.Length; at++)
        {
            foreach (byte changed in (byte[])[0, (byte)'"', (byte)'0', (byte)'9', (byte)'[', (byte)'}', 0xFF])
            {
                byte[] bytes = [.. good];
                bytes[at] = changed;
                RequireWholeOrRefused(bytes, 9);
                RequireWholeOrRefused(bytes[..at], 9);
            }
        }
    }

    private static void RequireWholeOrRefused(byte[] bytes, long dataBytes)
    {
        SafetensorsHeader header;
        try
        {
            header = SafetensorsHeader.Parse(bytes, dataBytes);
        }
        catch (FormatException e)
        {
            Assert.NotEmpty(e.Message);
            return;
        }

        Assert.Equal(dataBytes, header.Entries.Values.Sum(static entry => entry.Bytes));
    }

    private static SafetensorsHeader Parse(string json, long dataBytes) =>
        SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(json), dataBytes);
}
