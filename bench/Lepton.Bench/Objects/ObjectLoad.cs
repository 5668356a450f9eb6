using System.Diagnostics;
using Lepton.Bench.Coordination;
using Lepton.Bench.Running;
using Lepton.Bench.Sides;
using Lepton.Objects;

namespace Lepton.Bench.Objects;

/// <summary>Many clients that put and get small objects by URLs signed before.</summary>
internal sealed class ObjectLoad : IDisposable
{
    private const int ObjectBytes = 64 * 1024;
    private const string Bucket = "bench";
    private readonly HttpConnection[] _connections;
    private readonly byte[][] _puts;
    private readonly byte[][] _gets;
    private readonly byte[] _pattern = new byte[ObjectBytes];

    private ObjectLoad(HttpConnection[] connections, byte[][] puts, byte[][] gets)
    {
        (_connections, _puts, _gets) = (connections, puts, gets);

        // What does not compress; each object's number makes it no other's, as a store may keep equal ones once.
        Noise.Fill(_pattern);
    }

    public static async Task<ObjectLoad> PrepareAsync(ObjectServer server, int clients, int objects)
    {
        using ObjectClient client = new(server.Address);
        await client.MakeBucketAsync(Bucket);
        byte[][] puts = new byte[objects][];
        byte[][] gets = new byte[objects][];
        for (int i = 0; i < objects; i++)
        {
            ObjectUrl url = new(Bucket, FormattableString.Invariant($"objects/{i:D6}"));
            TimeSpan time = TimeSpan.FromHours(1);
            puts[i] = HttpConnection.Head("PUT", await client.PresignAsync(url, time, isForWriting: true), ObjectBytes);
            gets[i] = HttpConnection.Head("GET", await client.PresignAsync(url, time), 0);
        }

        Uri address = new(server.Address.Endpoint!);
        HttpConnection[] connections = await Task.WhenAll(
            Enumerable.Range(0, clients).Select(_ => HttpConnection.OpenAsync(address)));
        return new ObjectLoad(connections, puts, gets);
    }

    /// <summary>Puts all objects, each once.</summary>
    /// <param name="version">Objects of one version are no other version's.</param>
    public Task<LoadResult> PutAsync(int version = 0) => RunAsync(_puts.Length, async (connection, number) =>
    {
        byte[] content = _pattern.ToArray();
        BitConverter.TryWriteBytes(content, number);
        BitConverter.TryWriteBytes(content.AsSpan(sizeof(int)), version);
        await connection.SendAsync(_puts[number]);
        await connection.SendAsync(content);
        return await connection.ReceiveAsync();
    });

    /// <summary>Gets objects, in an order without an order.</summary>
    public async Task<LoadResult> GetAsync(int requests)
    {
        LoadResult result = await RunAsync(requests, async (connection, number) =>
        {
            int picked = (int)((ulong)number * 7_368_787 % (ulong)_gets.Length);
            bool isRight = false;
            await connection.SendAsync(_gets[picked]);
            long length = await connection.ReceiveAsync(bytes =>
                isRight |= bytes.Length >= sizeof(int) && BitConverter.ToInt32(bytes.Span) == picked);
            return isRight ? length : throw new FailedRunException($"the object {picked} has another's bytes");
        });
        return result.DataBytes == (long)requests * ObjectBytes
            ? result
            : throw new FailedRunException($"{requests} answers have {result.DataBytes} bytes together");
    }

    /// <summary>Reports a result.</summary>
    public static void Print(LoadResult result) =>
        new SideReport(result.Requests / result.PerSecond, result.PerSecond, "")
        {
            Figures = new Dictionary<string, double> { [LoadReport.P99] = result.P99Milliseconds },
        }.Print();

    public void Dispose() => Array.ForEach(_connections, static connection => connection.Dispose());

    private async Task<LoadResult> RunAsync(int requests, Func<HttpConnection, int, Task<long>> request)
    {
        int next = -1;
        long bytes = 0;
        double[] milliseconds = new double[requests];
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(_connections.Select(ClientAsync));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new LoadResult(requests, requests / seconds, Percentile.Of([.. milliseconds], 99), bytes);

        async Task ClientAsync(HttpConnection connection)
        {
            while (Interlocked.Increment(ref next) is var number && number < requests)
            {
                long began = Stopwatch.GetTimestamp();
                Interlocked.Add(ref bytes, await request(connection, number));
                milliseconds[number] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
        }
    }
}
