// Makes up a web server's access log of a million lines, and finds out what is wrong with the server.
//
//   logs [--lines 1000000] [--seed 1] [--output FOLDER] [--workers N | --threads N]
//
// With --output the log is kept in that folder, which must not exist yet.
using System.Diagnostics;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Logs;

long lines = long.Parse(Option("--lines", "1000000"));
ulong seed = ulong.Parse(Option("--seed", "1"));
string output = Option("--output", "");
int workers = int.Parse(Option("--workers", "0"));
int threads = int.Parse(Option("--threads", "0"));
string folder = output.Length > 0 ? output : Directory.CreateTempSubdirectory("lepton-sample-").FullName + "/log";

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

if (output.Length == 0)
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

string Option(string name, string otherwise)
{
    int i = Array.IndexOf(args, name);
    return i >= 0 && i + 1 < args.Length ? args[i + 1] : otherwise;
}
