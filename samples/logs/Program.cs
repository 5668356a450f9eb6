// Makes up a web server's access log of a million lines, and finds out what is wrong with the server.
using System.Diagnostics;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Samples;
using Logs;

var flags = new Flags(args, "Makes up a web server's access log, and finds out what is wrong with the server.");
long lines = flags.Number("--lines", 1_000_000L, "lines of the log", from: 1L);
ulong seed = flags.Number("--seed", 1UL, "another log for each");
string? output = flags.Text("--output", "FOLDER", "keeps the log in this folder, which must not exist yet");
int workers = flags.Number("--workers", 0, "worker processes; 0 is one for each processor", from: 0);
int threads = flags.Number("--threads", 0, "threads of this process instead of workers", from: 0, to: 256);
flags.Check();
string folder = output ?? Directory.CreateTempSubdirectory("lepton-sample-").FullName + "/log";

await using LeptonSession session = await LeptonSession.LocalAsync(workers, threads);
var clock = Stopwatch.StartNew();

// The lines are made on the workers: only numbers are dealt out. Writing is all or nothing. The folder appears under
// its name when every file in it is whole, though a worker may have died on the way.
long written = await session.Range(0, lines).Select(i => AccessLog.Line(seed, i, lines)).WriteTextAsync(folder);
Console.WriteLine($"{written:N0} lines written");

// From here on it is a log like any other. Lines that can't be read become null instead of an exception, which would
// end the job: a log of this size always holds some.
Dataset<Access?> parsed = session.ReadText(folder, splitBytes: 4 << 20).Select(AccessLog.Parse).Cache();
Console.WriteLine($"{await parsed.Where(access => access is null).CountAsync():N0} malformed lines");

Dataset<Access> accesses = parsed.Where(access => access is not null).Select(access => access!.Value);

// ReduceByKey adds up on each worker before anything is sent, so that a few hundred sums cross, not a million lines.
Dataset<KeyValuePair<string, Tally>> byUrl =
    accesses.ReduceByKey(access => access.Url, Tally.Of, (a, b) => a + b).Cache();
Dataset<KeyValuePair<int, Tally>> byHour =
    accesses.ReduceByKey(access => access.Hour, Tally.Of, (a, b) => a + b);

Print("Most wanted", await byUrl
    .OrderByDescending(entry => entry.Value.Requests).ThenBy(entry => entry.Key).TakeAsync(10));
Print("Failing most often, of those with 100 requests", await byUrl.Where(entry => entry.Value.Requests >= 100)
    .OrderByDescending(entry => entry.Value.ErrorRate).ThenBy(entry => entry.Key).TakeAsync(5));
Print("By hour", await byHour.OrderBy(entry => entry.Key).ToListAsync());

if (output is null)
{
    Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
}

Console.WriteLine($"Took {clock.Elapsed.TotalSeconds:0.0} s. Event log: {session.EventLogPath}");

static void Print<TKey>(string title, List<KeyValuePair<TKey, Tally>> rows)
{
    Console.WriteLine($"{title}:");
    foreach ((TKey key, Tally tally) in rows)
    {
        Console.WriteLine(
            $"  {key,-14} {tally.Requests,9:N0} requests {tally.Errors,6:N0} errors {tally.ErrorRate,8:P2}");
    }
}
