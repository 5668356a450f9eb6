using Lepton.Coordination.Store;

namespace Lepton.Coordination.Tests.Store;

/// <summary>Measures the process's memory, so nothing else runs beside it.</summary>
[Collection(nameof(StoreMemoryTests))]
[CollectionDefinition(nameof(StoreMemoryTests), DisableParallelization = true)]
public sealed class StoreMemoryTests(ITestOutputHelper output)
{
    [Fact]
    public void SizeBytes_ManyKeys_IsTheMemoryAndLittleMoreThanTheBytes()
    {
        const int Keys = 100_000;
        var value = new byte[256];
        var key = new byte[256];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var store = new KvStore();
        for (var i = 0; i < Keys; i++)
        {
            BitConverter.TryWriteBytes(key.AsSpan(240), i * 2654435761L);
            store.Begin();
            store.Put(key, value, 0);
            store.End();
        }

        var perKey = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Keys;
        GC.KeepAlive(store);
        output.WriteLine($"{perKey:f1} managed bytes a key of 256 + 256 bytes");
        Assert.InRange(perKey, 512, 512 + 140);
        Assert.InRange(store.SizeBytes / (double)Keys, perKey * 0.9, perKey * 1.1);
    }
}
