using System.Text;
using Lepton.Storage.Checksums;

namespace Lepton.Storage.Tests;

public sealed class CrcTests
{
    [Fact]
    public void Compute_CheckValue_IsTheStandards() =>
        Assert.Equal(0xCBF43926u, Crc32.Compute(Encoding.ASCII.GetBytes("123456789")));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(77)]
    [InlineData(100)]
    public void Join_OfTwo_IsThatOfBoth(int cut)
    {
        byte[] bytes = Pattern.Of(100, 1);
        foreach (ChecksumKind kind in new[] { ChecksumKind.Crc32, ChecksumKind.Crc32C, ChecksumKind.Crc64Nvme })
        {
            Assert.Equal(ContentDigests.Compute(kind, bytes), CrcJoin.Join(
                kind, ContentDigests.Compute(kind, bytes.AsSpan(0, cut)),
                ContentDigests.Compute(kind, bytes.AsSpan(cut)), 100 - cut));
        }
    }

    [Fact]
    public void Compute_CheckValueOfCrc64Nvme_IsTheStandards() =>
        Assert.Equal(0xAE8B14860A799888, Crc64Nvme.Compute(Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public void Compute_InPieces_IsTheSame()
    {
        byte[] bytes = Pattern.Of(100, 1);
        uint whole = Crc32.Compute(bytes);
        ulong whole64 = Crc64Nvme.Compute(bytes);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(whole, Crc32.Compute(bytes.AsSpan(cut), Crc32.Compute(bytes.AsSpan(0, cut))));
            Assert.Equal(
                whole64, Crc64Nvme.Compute(bytes.AsSpan(cut), Crc64Nvme.Compute(bytes.AsSpan(0, cut))));
        }
    }
}
