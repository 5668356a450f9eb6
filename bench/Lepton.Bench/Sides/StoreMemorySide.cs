using System.Globalization;
using Lepton.Bench.Objects;
using Lepton.Bench.Running;
using Lepton.Objects;

namespace Lepton.Bench.Sides;

/// <summary>What a storage node holds while many clients move large objects: some time of puts, then of gets.</summary>
internal static class StoreMemorySide
{
    private const string Bucket = "bench";
    private static readonly TimeSpan s_urlTime = TimeSpan.FromHours(1);

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["clients", "mebibytes", "seconds", .. ObjectServer.Options]);
        int clients = (int)arguments.Number("clients");
        TimeSpan time = TimeSpan.FromSeconds(arguments.Number("seconds"));
        LargeObject large = new(arguments.Number("mebibytes") << 20);
        using ObjectServer server = await ObjectServer.StartAsync(arguments);
        using ObjectClient client = new(server.Address);
        await client.MakeBucketAsync(Bucket);
        ObjectUrl whole = new(Bucket, "whole");
        Uri put = await client.PresignAsync(whole, s_urlTime, isForWriting: true);
        using (HttpConnection connection = await HttpConnection.OpenAsync(put))
        {
            await large.PutAsync(connection, put);
        }

        await ForAWhileAsync(time, clients, put, async (connection, number, stop) =>
        {
            ObjectUrl own = new(Bucket, FormattableString.Invariant($"own-{number}"));
            Uri url = await client.PresignAsync(own, s_urlTime, isForWriting: true);
            await large.PutAsync(connection, url, version: number + 1, stop);
        });
        Uri get = await client.PresignAsync(whole, s_urlTime);
        await ForAWhileAsync(
            time, clients, get, (connection, _, stop) => large.GetAsync(connection, get, cancellation: stop));
        double mebibytes = PeakBytes(server.ProcessId) / (double)(1 << 20);
        new SideReport(2 * time.TotalSeconds, mebibytes, "").Print();
    }

    private static async Task ForAWhileAsync(
        TimeSpan time, int clients, Uri server, Func<HttpConnection, int, CancellationToken, Task> move)
    {
        using CancellationTokenSource stop = new(time);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(MoveAsync));

        async Task MoveAsync(int number)
        {
            try
            {
                while (true)
                {
                    using HttpConnection connection = await HttpConnection.OpenAsync(server);
                    await move(connection, number, stop.Token);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The time is over.
                return;
            }
        }
    }

    // The kernel's own mark of the highest.
    private static long PeakBytes(int process)
    {
        const string Field = "VmHWM:";
        string line = File.ReadLines(FormattableString.Invariant($"/proc/{process}/status"))
            .FirstOrDefault(static line => line.StartsWith(Field, StringComparison.Ordinal))
            ?? throw new FailedRunException("the storage node has ended");
        return long.Parse(line[Field.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) << 10;
    }
}
