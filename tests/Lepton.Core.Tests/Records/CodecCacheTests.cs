using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Records;

public sealed class CodecCacheTests
{
    [Fact]
    public void Codec_AskedForTwice_IsTheSame()
    {
        Assert.Same(RecordCodec.For<(int, string)>(), RecordCodec.For<(int, string)>());
        Type atRunTime = typeof((int, string));
        Assert.Same(RecordCodec.For<(int, string)>(), RecordCodec.For(atRunTime));
    }

    [Fact]
    public void Codec_AskedForByManyThreads_WorksInAll()
    {
        const int Threads = 8;
        using var barrier = new Barrier(Threads);
        byte[][] results = new byte[Threads][];
        var threads = new Thread[Threads];
        for (int i = 0; i < Threads; i++)
        {
            int at = i;
            threads[i] = new Thread(() =>
            {
                barrier.SignalAndWait();
                results[at] = RoundTrip.Bytes(RoundTrip.Of(new Shared("a", [new Shared("b", [])])));
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.All(results, bytes => Assert.Equal(results[0], bytes));
    }

    [Fact]
    public void WritingAndReading_PairsOfNumbers_AllocateNothing()
    {
        RecordCodec<(long, long)> codec = RecordCodec.For<(long, long)>();
        using var writer = new RecordWriter(1 << 16);
        Round(codec, writer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(codec, writer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Writing_ARecordWithLists_AllocatesNothing()
    {
        RecordCodec<Mixed> codec = RecordCodec.For<Mixed>();
        var value = new Mixed(1, "text", 2.5, [1, 2, 3], [("a", 1)]);
        using var writer = new RecordWriter(1 << 16);
        for (int i = 0; i < 3; i++)
        {
            codec.Write(writer, value);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            codec.Write(writer, value);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void CollectibleAssembly_WhoseRecordsWereCoded_Unloads()
    {
        WeakReference context = UseInCollectibleContext();
        for (int i = 0; i < 50 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive, "The cache of codecs kept a collectible assembly loaded.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseInCollectibleContext()
    {
        var context = new AssemblyLoadContext("records", isCollectible: true);
        Type type = context.LoadFromAssemblyPath(typeof(Shared).Assembly.Location).GetType(typeof(Shared).FullName!)!;
        Assert.NotEqual(typeof(Shared), type);
        object value = RuntimeHelpers.GetUninitializedObject(type);
        foreach (Type coded in (Type[])
            [type, typeof(List<>).MakeGenericType(type), typeof(ValueTuple<,>).MakeGenericType(typeof(int), type)])
        {
            using var writer = new RecordWriter();
            RecordCodec codec = RecordCodec.For(coded);
            codec.WriteObject(
                writer, coded == type ? value : coded.IsValueType ? Activator.CreateInstance(coded) : null);
            var reader = new RecordReader(writer.WrittenSpan);
            codec.ReadObject(ref reader);
        }

        var weak = new WeakReference(context);
        context.Unload();
        return weak;
    }

    private static void Round(RecordCodec<(long, long)> codec, RecordWriter writer)
    {
        writer.Clear();
        for (long i = 0; i < 1000; i++)
        {
            codec.Write(writer, (i, -i * i));
        }

        var reader = new RecordReader(writer.WrittenSpan);
        long sum = 0;
        while (!reader.End)
        {
            sum += codec.Read(ref reader).Item1;
        }

        Invariant.Check(sum == 999 * 1000 / 2);
    }

    private sealed record Shared(string Name, List<Shared> Below);

    private sealed record Mixed(int Id, string Text, double Score, List<int> Numbers, List<(string, int)> Pairs);
}
