using System.Diagnostics;
using Lepton.Bench.Data;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;

namespace Lepton.Bench.Sides;

/// <summary>
/// Word count as a user writes it: lines, split on white space into words, counted, brought to the driver.
/// </summary>
internal static class WordCountSide
{
    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["file", .. BenchSession.Options]);
        string file = arguments.Text("file");
        await using LeptonSession session = await BenchSession.StartAsync(arguments);
        long started = Stopwatch.GetTimestamp();
        List<KeyValuePair<Utf8Text, long>> counts = await session
            .ReadUtf8Text(file)
            .Words()
            .CountByKey(word => word)
            .ToListAsync();
        TimeSpan time = Stopwatch.GetElapsedTime(started);
        var tally = new WordTally();
        foreach ((Utf8Text word, long count) in counts)
        {
            tally.Add(word.Span, count);
        }

        SideReport.OfTime(time, tally.ToString(), BenchSession.Note(session)).Print();
    }
}
