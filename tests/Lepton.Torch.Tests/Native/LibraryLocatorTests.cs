using Lepton.Torch.Native;

namespace Lepton.Torch.Tests.Native;

public sealed class LibraryLocatorTests
{
    [Fact]
    public void LoadFrom_Nowhere_SaysInOneLineHowToGetIt()
    {
        var e = Assert.Throws<TorchLibraryException>(() => LibraryLocator.LoadFrom(null));

        Assert.Contains("lepton native build", e.Message, StringComparison.Ordinal);
        Assert.Contains("libtorch-dev", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void LoadFrom_NoLibrary_NamesTheFile()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "not a library");

            var e = Assert.Throws<TorchLibraryException>(() => LibraryLocator.LoadFrom(path));

            Assert.StartsWith($"The native library {path} can't be loaded", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void LoadFrom_AnotherLibrary_SaysThatItIsNotTheShim()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The C library's own name is needed.");

        var e = Assert.Throws<TorchLibraryException>(() => LibraryLocator.LoadFrom("libc.so.6"));

        Assert.StartsWith("libc.so.6 is not Lepton's libtorch shim", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.13.0", true)]
    [InlineData("1.13.1+cu117", true)]
    [InlineData("2.0.0", true)]
    [InlineData("2.11.3", true)]
    [InlineData("1.12.1", false)]
    [InlineData("3.0.0", false)]
    [InlineData("", false)]
    [InlineData("two", false)]
    public void IsKnown_Version_As1_13And2(string version, bool known) =>
        Assert.Equal(known, TorchVersions.IsKnown(version));
}
