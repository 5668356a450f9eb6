using System.Runtime.CompilerServices;
using Lepton.Torch.Memory;

namespace Lepton.Torch.Tests.Memory;

public sealed class UnscopedMemoryTests
{
    private const long Mebibyte = 1 << 20;

    /// <summary>
    /// Trap 82: native tensors pile up under a garbage collector (TorchSharp#1278, #1257, #1392). 4 GiB of tensors are
    /// dropped on the floor; without a word to the collector, all of them would be there at the end.
    /// </summary>
    [Fact]
    public void Trap82_TensorsDroppedWithoutScope_DoNotPileUp()
    {
        TorchTest.RequireLibrary();
        Assert.Null(TensorScope.Current);
        long most = 0;
        for (int i = 0; i < 1000; i++)
        {
            Drop();
            most = Math.Max(most, UnscopedMemory.Process.Bytes);
        }

        Assert.True(most < 1024 * Mebibyte, $"{most / Mebibyte} MiB were held at once, of 4000 MiB that were dropped.");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(UnscopedMemory.Process.Bytes < 16 * Mebibyte);
    }

    [Fact]
    public void Add_BelowTheGrowth_DoesNotCollect()
    {
        int collections = 0;
        UnscopedMemory memory = new(100, () => collections++);

        memory.Add(99);
        memory.Remove(50);
        memory.Add(50);

        Assert.Equal(0, collections);
        Assert.Equal(99, memory.Bytes);
    }

    [Fact]
    public void Add_MuchIsReallyHeld_CollectsAtHalfMoreEachTime()
    {
        int collections = 0;
        UnscopedMemory memory = new(100, () => collections++);

        for (int i = 0; i < 1000; i++)
        {
            memory.Add(10);
        }

        // 100, 200, 300, 450, 680, 1020, ...: the logarithm of what is held, not its hundredth part.
        Assert.InRange(collections, 5, 15);
    }

    [Fact]
    public void Add_CollectionFreesAll_NextOneIsDueAfterTheGrowth()
    {
        int collections = 0;
        UnscopedMemory? memory = null;
        memory = new UnscopedMemory(100, () =>
        {
            collections++;
            memory!.Remove(memory.Bytes);
        });

        for (int i = 0; i < 100; i++)
        {
            memory.Add(10);
        }

        Assert.Equal(10, collections);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop() => _ = Torch.Ones([Mebibyte]);
}
