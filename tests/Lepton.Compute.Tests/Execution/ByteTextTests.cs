using Lepton.Compute.Execution;

namespace Lepton.Compute.Tests.Execution;

public sealed class ByteTextTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1_234_567, "1.2 MiB")]
    [InlineData(512L << 20, "512 MiB")]
    [InlineData(96_400_000_000, "89.8 GiB")]
    [InlineData(-2048, "-2 KiB")]
    public void Of_AnySize_IsShort(long bytes, string expected) => Assert.Equal(expected, ByteText.Of(bytes));
}
