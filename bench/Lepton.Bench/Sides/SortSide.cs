using System.Diagnostics;
using Lepton.Bench.Data;
using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Bench.Sides;

/// <summary>Sorts records of 100 bytes by their first ten and writes them.</summary>
internal static class SortSide
{
    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["file", "out", .. BenchSession.Options]);
        string file = arguments.Text("file");
        string directory = arguments.Text("out");
        await using LeptonSession session = await BenchSession.StartAsync(arguments);
        long started = Stopwatch.GetTimestamp();
        long records = await session
            .ReadUtf8Text(file)
            .OrderBy(line => line.Slice(0, Inputs.KeyBytes))
            .WriteTextAsync(directory, new WriteOptions { Durable = false, Overwrite = true });
        TimeSpan time = Stopwatch.GetElapsedTime(started);
        if (records != new FileInfo(file).Length / Inputs.RecordBytes)
        {
            throw new InvalidOperationException($"{records} records were written, which is not what {file} holds.");
        }

        // The suite reads the output itself, so that the check counts in nobody's memory or time.
        SideReport.OfTime(time, "", BenchSession.Note(session)).Print();
    }
}
