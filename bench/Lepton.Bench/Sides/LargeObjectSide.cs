using Lepton.Bench.Objects;
using Lepton.Objects;

namespace Lepton.Bench.Sides;

/// <summary>A put, or a get, of one large object.</summary>
internal static class LargeObjectSide
{
    public const string Bare = "bare";
    public const string Put = "put";
    public const string Get = "get";
    private const string Bucket = "bench";
    private const int Runs = 3;

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["what", "mebibytes", .. ObjectServer.Options]);
        LargeObject large = new(arguments.Number("mebibytes") << 20);
        bool isPut = arguments.Text("what") == Put;
        if (arguments.Text("server") == Bare)
        {
            using BareProcess bare =
                await BareProcess.StartAsync(Path.Combine(arguments.Text("work-directory"), "bare"));
            await MeasureAsync(large, isPut, arguments.Number("nodes", 1), _ => Task.FromResult((bare.Url, bare.Url)));
            return;
        }

        using ObjectServer server = await ObjectServer.StartAsync(arguments);
        using ObjectClient client = new(server.Address);
        await client.MakeBucketAsync(Bucket);
        await MeasureAsync(large, isPut, 1, async number =>
        {
            ObjectUrl url = new(Bucket, FormattableString.Invariant($"large-{number}"));
            TimeSpan time = TimeSpan.FromHours(1);
            return (await client.PresignAsync(url, time, isForWriting: true), await client.PresignAsync(url, time));
        });
    }

    /// <summary>The best of several, as the first finds code that is not compiled yet.</summary>
    /// <param name="large">The object.</param>
    /// <param name="isPut">Whether the put counts, or the get.</param>
    /// <param name="parts">Of how many equal parts one is told: what several nodes can do that share a disk.</param>
    /// <param name="urls">Where.</param>
    private static async Task MeasureAsync(
        LargeObject large, bool isPut, long parts, Func<int, Task<(Uri Put, Uri Get)>> urls)
    {
        double best = 0;
        for (int run = 0; run < Runs; run++)
        {
            (Uri put, Uri get) = await urls(run);
            using HttpConnection connection = await HttpConnection.OpenAsync(put);
            double written = await large.PutAsync(connection, put, version: run);
            double read = await large.GetAsync(connection, get);
            best = Math.Max(best, isPut ? written : read);
            await large.CheckAsync(connection, get, version: run);
        }

        new SideReport(0, best / parts / 1e6, "").Print();
    }
}
