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

    /// <param name="needsGpu">Whether the test is skipped where libtorch can use no GPU.</param>
    /// <param name="needsOwnGloo">Whether it is skipped where Gloo has no meter and no shared memory of ours.</param>
    protected TorchTest(bool needsGpu = false, bool needsOwnGloo = false)
    {
        RequireLibrary();
        if (needsOwnGloo)
        {
            RequireOwnGloo();
        }

        Assert.SkipWhen(
            needsGpu && !CudaDevices.IsAvailable,
            $"There is no GPU that libtorch {TorchLibrary.Version} can use.");
        _tensorsBefore = Torch.LiveTensorCount;
        _scope = new TensorScope();
        Torch.ManualSeed(1);
    }

    /// <summary>Skips the running test, with the reason, where there is no native library.</summary>
    public static void RequireLibrary() => Assert.SkipWhen(
        LibraryLocator.Find() is null,
        $"{LibraryLocator.FileName} is missing. Build it: ./lepton native build (it needs libtorch-dev libgloo-dev " +
        "cmake g++).");

    /// <summary>
    /// Skips the running test, with the reason, where Gloo is as libtorch has it: without shared memory, and without a
    /// meter of what is sent.
    /// </summary>
    public static void RequireOwnGloo() => Assert.SkipUnless(
        TorchLibrary.Version.StartsWith("1.13.", StringComparison.Ordinal),
        $"With libtorch {TorchLibrary.Version}, Gloo is libtorch's own; the test is for 1.13.");

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
