using Lepton.Torch.Native;

namespace Lepton.Torch.Tests;

/// <summary>
/// A test that needs the native library: skipped where there is none. After each test, not one tensor is left that it
/// made.
/// </summary>
public abstract class TorchTest : IDisposable
{
    private readonly long _tensorsBefore;
    private readonly TensorScope _scope;

    protected TorchTest()
    {
        RequireLibrary();
        _tensorsBefore = Torch.LiveTensorCount;
        _scope = new TensorScope();
        Torch.ManualSeed(1);
    }

    /// <summary>Skips the running test, with the reason, where there is no native library.</summary>
    public static void RequireLibrary() => Assert.SkipWhen(
        LibraryLocator.Find() is null,
        $"{LibraryLocator.FileName} is missing. Build it: ./lepton native build (it needs libtorch-dev libgloo-dev " +
        "cmake g++).");

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        OnDispose();
        _scope.Dispose();
        if (Torch.LiveTensorCount != _tensorsBefore)
        {
            // What was made outside of scopes and not disposed of is the collector's.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(_tensorsBefore, Torch.LiveTensorCount);
    }

    /// <summary>What a test's own class frees.</summary>
    protected virtual void OnDispose()
    {
    }

    protected static Tensor Vector(params float[] values) => Torch.From<float>(values);

    protected static Tensor Matrix(float[,] values)
    {
        float[] flat = [.. values.Cast<float>()];
        return Torch.From<float>(flat, [values.GetLength(0), values.GetLength(1)]);
    }
}
