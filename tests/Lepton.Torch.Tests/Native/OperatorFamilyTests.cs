using Lepton.Torch.Native;

namespace Lepton.Torch.Tests.Native;

/// <summary>The enums repeat the shim's lists; one operator too many would have all behind it call another.</summary>
public sealed class OperatorFamilyTests : TorchTest
{
    [Theory]
    [InlineData(0, typeof(UnaryOperator))]
    [InlineData(1, typeof(UnaryInPlaceOperator))]
    [InlineData(2, typeof(BinaryOperator))]
    [InlineData(3, typeof(BinaryInPlaceOperator))]
    [InlineData(4, typeof(BinaryScalarOperator))]
    [InlineData(5, typeof(BinaryScalarInPlaceOperator))]
    public void Enums_OperatorNames_AreTheShims(int family, Type operators)
    {
        string[] ours = Enum.GetNames(operators);
        List<string> theirs = [];
        while (NativeText.OperatorName(family, theirs.Count) is { } name)
        {
            theirs.Add(name);
        }

        Assert.Equal(
            theirs.Select(static name => name.Replace("_", "", StringComparison.Ordinal)),
            ours.Select(static name => name.ToLowerInvariant()));
    }

    [Fact]
    public void Version_Library_IsKnownAndHasGloo()
    {
        Assert.True(TorchVersions.IsKnown(TorchLibrary.Version), TorchLibrary.Version);
        Assert.True(TorchLibrary.HasBackend("gloo"));
        Assert.False(TorchLibrary.HasBackend("carrier pigeons"));
        Assert.Contains("ATen", TorchLibrary.BuildInfo, StringComparison.Ordinal);
        Assert.True(CudaDevices.Count >= 0);
    }

    [Fact]
    public void Threads_Set_Kept()
    {
        int before = TorchLibrary.Threads;
        try
        {
            TorchLibrary.Threads = 1;
            Assert.Equal(1, TorchLibrary.Threads);
        }
        finally
        {
            TorchLibrary.Threads = before;
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => TorchLibrary.Threads = 0);
        Assert.True(TorchLibrary.InteropThreads >= 1);
    }
}
