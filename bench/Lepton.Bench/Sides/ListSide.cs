using System.Diagnostics;
using Lepton.Bench.Objects;
using Lepton.Bench.Running;
using Lepton.Objects;

namespace Lepton.Bench.Sides;

/// <summary>A list of all keys below a prefix, page after page.</summary>
internal static class ListSide
{
    private const string Bucket = "bench";
    private const int Runs = 3;

    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["keys", .. ObjectServer.Options]);
        int keys = (int)arguments.Number("keys");
        using ObjectServer server = await ObjectServer.StartAsync(arguments);
        using ObjectClient client = new(server.Address);
        await client.MakeBucketAsync(Bucket);
        await server.EnterAsync(Bucket, keys);
        double best = double.MaxValue;
        for (int run = 0; run < Runs; run++)
        {
            long started = Stopwatch.GetTimestamp();
            int listed = await client.ListAsync(new ObjectUrl(Bucket, "list/")).CountAsync();
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
            if (listed != keys)
            {
                throw new FailedRunException($"{keys} keys are there, and {listed} were listed");
            }
        }

        new SideReport(best, best, $"{keys} keys").Print();
    }
}
