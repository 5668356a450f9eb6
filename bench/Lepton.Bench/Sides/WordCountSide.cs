using System.Diagnostics;
using System.Text;
using Lepton.Bench.Data;
using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Bench.Sides;

/// <summary>
/// Word count as a user writes it: lines, split on white space into strings, counted, brought to the driver.
/// </summary>
internal static class WordCountSide
{
    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["file", .. BenchSession.Options]);
        string file = arguments.Text("file");
        await using LeptonSession session = await BenchSession.StartAsync(arguments);
        long started = Stopwatch.GetTimestamp();
        List<KeyValuePair<string, long>> counts = await session
            .ReadText(file)
            .SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .CountByKey(word => word)
            .ToListAsync();
        TimeSpan time = Stopwatch.GetElapsedTime(started);
        var tally = new WordTally();
        foreach ((string word, long count) in counts)
        {
            tally.Add(Encoding.UTF8.GetBytes(word), count);
        }

        SideReport.OfTime(time, tally.ToString(), BenchSession.Note(session)).Print();
    }
}
