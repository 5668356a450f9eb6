using Lepton.Torch;

namespace Lepton.Training.Tests;

/// <summary>A test that needs the native library: skipped where there is none. It has a folder of its own.</summary>
public abstract class TrainingTest : IDisposable
{
    private readonly DirectoryInfo _folder;

    protected TrainingTest()
    {
        Assert.SkipWhen(
            TorchLibrary.Path is null, $"{TorchLibrary.FileName} is missing. Build it: ./lepton native build");
        _folder = Directory.CreateTempSubdirectory("lepton-training-");
    }

    protected string Folder => _folder.FullName;

    /// <summary>Tensors that are not freed, those aside that only wait for the collector.</summary>
    protected static long SettledCount()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Lepton.Torch.Torch.LiveTensorCount;
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _folder.Delete(recursive: true);
    }
}
