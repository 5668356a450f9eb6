using System.Security.Cryptography;
using System.Text;
using Lepton.Storage.Blocks;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Tests.Encryption;

/// <summary>Published vectors, and what another program (Python's cryptography 48) makes of the same inputs.</summary>
public sealed class VectorTests
{
    private static readonly byte[] s_clusterKey = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
    private static readonly byte[] s_dataKey = [.. Enumerable.Range(32, 32).Select(static i => (byte)i)];

    /// <summary>McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 14.</summary>
    [Fact]
    public void Encrypt_ZeroKeyFirstPlace_IsThePublishedText()
    {
        using BlockCipher cipher = new(new byte[32]);
        byte[] encrypted = new byte[32];
        cipher.Encrypt(0, new byte[16], encrypted);
        Assert.Equal(
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919", Convert.ToHexStringLower(encrypted));
        byte[] back = new byte[16];
        Assert.True(cipher.TryDecrypt(0, encrypted, back));
        Assert.False(cipher.TryDecrypt(1, encrypted, back));
    }

    /// <summary>The same, test case 15.</summary>
    [Fact]
    public void Encrypt_PublishedKeyAndNonce_IsThePublishedText()
    {
        using BlockCipher cipher = new(Hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
        byte[] content = Hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255");
        byte[] encrypted = new byte[content.Length + BlockCipher.TagBytes];
        cipher.Encrypt(Hex("cafebabefacedbaddecaf888"), content, encrypted);
        Assert.Equal(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad" +
            "b094dac5d93471bdec1a502270e3cc6c",
            Convert.ToHexStringLower(encrypted));
    }

    /// <summary>RFC 5649 §6.</summary>
    [Theory]
    [InlineData(
        "c37b7e6492584340bed12207808941155068f738", "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a")]
    [InlineData("466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f")]
    public void WrapUnder_PublishedKeys_IsThePublishedText(string key, string wrapped) => Assert.Equal(
        wrapped,
        Convert.ToHexStringLower(KeyWrap.WrapUnder(
            Hex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"), Hex(key))));

    [Fact]
    public void Wrap_FixedKeysAndContext_IsWhatAnotherProgramMakes()
    {
        byte[] context = WrapContext.OfObject("bucket", "k/ä", new ContentRecord(5, new byte[72], IsManifest: false));
        Assert.Equal(
            "a84836008f0abcc87ab38151382730fb782686f3a9bbb086be58bbef43955261", Convert.ToHexStringLower(context));
        Assert.Equal(
            "021ff6368a1b7d154f65f5248701ce96f6e235a3e5604e3cd5504cde649c4333",
            Convert.ToHexStringLower(WrapContext.OfUpload("bucket", "k/ä", "0123456789abcdef")));
        byte[] wrapped = KeyWrap.Wrap(s_dataKey, s_clusterKey, context);
        Assert.Equal(
            "47e2acc945e28d25f3819861394705f57800313420a608eceb236a511d02ef2eb0e4307850cc22ca",
            Convert.ToHexStringLower(wrapped));
        BlockId bits = BlockId.Read([.. Enumerable.Range(64, 32).Select(static i => (byte)i)]);
        using BlockCipher stream = DataKey.Unwrap(wrapped, s_clusterKey, context).OpenStream(new StreamMark(bits));
        byte[] encrypted = new byte[6 + BlockCipher.TagBytes];
        stream.Encrypt(7, Encoding.ASCII.GetBytes("lepton"), encrypted);
        Assert.Equal("9c260e91b077ee253be864e7b07c1826a98d1e7d4642", Convert.ToHexStringLower(encrypted));
    }

    [Fact]
    public void Unwrap_OtherContextKeyOrBytes_IsRefused()
    {
        byte[] context = WrapContext.OfUpload("bucket", "key", "1");
        byte[] wrapped = KeyWrap.Wrap(s_dataKey, s_clusterKey, context);
        Assert.Equal(s_dataKey, KeyWrap.Unwrap(wrapped, s_clusterKey, context));
        byte[] flipped = [.. wrapped];
        flipped[9] ^= 1;
        Refuses(() => KeyWrap.Unwrap(wrapped, s_clusterKey, WrapContext.OfUpload("bucketkey", "", "1")));
        Refuses(() => KeyWrap.Unwrap(wrapped, s_dataKey, context));
        Refuses(() => KeyWrap.Unwrap(flipped, s_clusterKey, context));
        Refuses(() => KeyWrap.Unwrap(wrapped.AsSpan(0, 35), s_clusterKey, context));
        Refuses(() => KeyWrap.Unwrap([], s_clusterKey, context));

        static void Refuses(Action unwrap) => Assert.ThrowsAny<CryptographicException>(unwrap);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
