// An index from words to the verses of the Bible that hold them, and a few look-ups in it.
using System.Diagnostics;
using InvertedIndex;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Samples;

var flags = new Flags(args, "Makes an index from words to the verses of the Bible that hold them, and looks some up.");
string input = flags.Text("--input", "PATH", "a text in the Bible's form [the Bible]")
    ?? Path.Combine(AppContext.BaseDirectory, "kjv.txt.gz");
string[] wanted = flags.Text("--words", "light,darkness,camel,leviathan", "A,B", "words that are looked up")
    .ToLowerInvariant().Split(',');
int show = flags.Number("--show", 3, "verses that are shown of each", from: 0);
int workers = flags.Number("--workers", 0, "worker processes; 0 is one for each processor", from: 0);
int threads = flags.Number("--threads", 0, "threads of this process instead of workers", from: 0, to: 256);
flags.Check();

await using LeptonSession session = await LeptonSession.LocalAsync(workers, threads);
var clock = Stopwatch.StartNew();

// A verse spans lines, so the lines must come in their order, in one partition. SelectPartition gives a function all
// records of a partition as a stream: the place for whatever looks at more than one record. What follows is spread
// out again, and kept in the workers' memory, because both the index and the look-up read it.
Dataset<Verse> verses = session.ReadText(input, splitBytes: long.MaxValue)
    .SelectPartition(Verse.FromLines)
    .Repartition(8)
    .Cache();

// The index. The state of a word is the list of its verses. A task fills lists of its own (accumulate) before they
// travel to the word's partition, where they are joined (merge). Tasks finish in any order and the lists are merged
// in the order of the partitions, so sorting them at the end is all that the answer needs to be the same every time.
Dataset<KeyValuePair<string, List<int>>> index = verses
    .SelectMany(verse => verse.Words().Select(word => (Word: word, verse.Number)))
    .AggregateByKey(
        entry => entry.Word,
        word => new List<int>(),
        (numbers, entry) => Added(numbers, entry.Number),
        (first, second) => Joined(first, second))
    .Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Order().ToList()))
    .Cache();

long words = await index.CountAsync();
long entries = await index.SumAsync(entry => (long)entry.Value.Count);
Console.WriteLine($"{words:N0} words point to {await verses.CountAsync():N0} verses, {entries:N0} times");

// Looking up: the lambda takes `wanted` along to the workers, and nothing else of this program.
Dictionary<string, List<int>> found = await index.Where(entry => wanted.Contains(entry.Key)).ToDictionaryAsync();
var shown = found.Values.SelectMany(numbers => numbers.Take(show)).ToHashSet();
Dictionary<int, Verse> texts = (await verses.Where(verse => shown.Contains(verse.Number)).ToListAsync())
    .ToDictionary(verse => verse.Number);
foreach (string word in wanted)
{
    List<int> numbers = found.GetValueOrDefault(word, []);
    Console.WriteLine($"{word}: {numbers.Count:N0} verses");
    foreach (Verse verse in numbers.Take(show).Select(number => texts[number]))
    {
        Console.WriteLine($"  {verse.Name}  {verse.Text}");
    }
}

Console.WriteLine($"Took {clock.Elapsed.TotalSeconds:0.0} s. Event log: {session.EventLogPath}");

static List<int> Added(List<int> numbers, int number)
{
    numbers.Add(number);
    return numbers;
}

static List<int> Joined(List<int> first, List<int> second)
{
    first.AddRange(second);
    return first;
}
