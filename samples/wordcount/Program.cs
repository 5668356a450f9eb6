// The most frequent words of a text.
//
// With --threads the same program runs in this one process, which is the easy way to debug it.
using System.Diagnostics;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Samples;

var flags = new Flags(args, "Counts the words of a text and shows the most frequent ones.");
string input =
    flags.Text("--input", "PATH", "a file, a folder, a glob such as texts/*.txt, or s3://data/texts/*.txt [the Bible]")
    ?? Path.Combine(AppContext.BaseDirectory, "kjv.txt.gz");
int top = flags.Number("--top", 20, "words that are shown", from: 0);
int workers = flags.Number("--workers", 0, "worker processes; 0 is one for each processor", from: 0);
int threads = flags.Number("--threads", 0, "threads of this process instead of workers", from: 0, to: 256);
flags.Check();

// A session owns the workers; without a number there is one for each processor. Disposing it ends them.
await using LeptonSession session = await LeptonSession.LocalAsync(workers, threads);
var clock = Stopwatch.StartNew();

// Nothing is read here: a data set is a description. The lambdas run on the workers, once for each record.
Dataset<KeyValuePair<string, long>> counts = session.ReadText(input)

    // A gzip file can only be read from its start, by one task. Dealing its lines out lets all workers split them.
    // (Plain files are cut into ranges of 32 MiB and need no such step.)
    .Repartition(8)
    .SelectMany(Words)

    // Each task counts its own words first, so that a word crosses to another worker once a task, not once a use.
    .CountByKey(word => word)

    // Kept on the workers, because two answers are asked of it below.
    .Cache();

// Actions, the methods that end in Async, do the work. Words with equal counts are put in alphabetical order, so
// that the answer is the same in every run.
List<KeyValuePair<string, long>> most = await counts
    .OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key)
    .TakeAsync(top);
long total = await counts.SumAsync(entry => entry.Value);

foreach ((string word, long count) in most)
{
    Console.WriteLine($"{count,9:N0}  {word}");
}

Console.WriteLine($"{total:N0} words, {await counts.CountAsync():N0} different ones");
Console.WriteLine($"Took {clock.Elapsed.TotalSeconds:0.0} s. Event log: {session.EventLogPath}");

// Letters and the apostrophe make a word; capitals count as small letters.
static IEnumerable<string> Words(string line)
{
    int start = 0;
    for (int i = 0; i <= line.Length; i++)
    {
        if (i == line.Length || !(char.IsLetter(line[i]) || line[i] == '\''))
        {
            if (i > start)
            {
                yield return line[start..i].ToLowerInvariant();
            }

            start = i + 1;
        }
    }
}
