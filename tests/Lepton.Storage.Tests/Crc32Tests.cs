using System.Text;
using Lepton.Core.Hashing;
using Lepton.Storage.Checksums;

namespace Lepton.Storage.Tests;

public sealed class Crc32Tests
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
        Assert.Equal(Crc32.Compute(bytes), CrcJoin.Join(
            CrcJoin.Crc32Polynomial, Crc32.Compute(bytes.AsSpan(0, cut)), Crc32.Compute(bytes.AsSpan(cut)), 100 - cut));
        Assert.Equal(Crc32C.Compute(bytes), CrcJoin.Join(
            CrcJoin.Crc32CPolynomial, Crc32C.Compute(bytes.AsSpan(0, cut)), Crc32C.Compute(bytes.AsSpan(cut)),
            100 - cut));
    }

    [Fact]
    public void Compute_InPieces_IsTheSame()
    {
        byte[] bytes = Pattern.Of(100, 1);
        uint whole = Crc32.Compute(bytes);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(whole, Crc32.Compute(bytes.AsSpan(cut), Crc32.Compute(bytes.AsSpan(0, cut))));
        }
    }
}
