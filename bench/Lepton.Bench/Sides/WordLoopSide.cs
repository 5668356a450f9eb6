using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Lepton.Bench.Data;

namespace Lepton.Bench.Sides;

/// <summary>
/// What a C# developer writes without a framework: a thread for each half of the file, lines, split on white space, a
/// dictionary each, merged at the end.
/// </summary>
internal static class WordLoopSide
{
    private const int Threads = 2;

    public static Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly("file");
        string file = arguments.Text("file");
        long started = Stopwatch.GetTimestamp();
        long[] borders = Borders(file);
        var parts = new Dictionary<string, int>[Threads];
        var threads = new Thread[Threads];
        for (int i = 0; i < Threads; i++)
        {
            int part = i;
            threads[i] = new Thread(() => parts[part] = Count(file, borders[part], borders[part + 1]));
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Dictionary<string, int> counts = parts[0];
        foreach ((string word, int count) in parts.Skip(1).SelectMany(part => part))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _) += count;
        }

        TimeSpan time = Stopwatch.GetElapsedTime(started);
        var tally = new WordTally();
        foreach ((string word, int count) in counts)
        {
            tally.Add(Encoding.UTF8.GetBytes(word), count);
        }

        SideReport.OfTime(time, tally.ToString()).Print();
        return Task.CompletedTask;
    }

    private static Dictionary<string, int> Count(string file, long start, long end)
    {
        var counts = new Dictionary<string, int>();
        using var reader = new StreamReader(new RangeStream(file, start, end - start), Encoding.UTF8, false, 1 << 16);
        while (reader.ReadLine() is { } line)
        {
            foreach (string word in line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _)++;
            }
        }

        return counts;
    }

    /// <summary>Where the parts begin: at even places, moved on to the next line.</summary>
    private static long[] Borders(string file)
    {
        using FileStream stream = File.OpenRead(file);
        long[] borders = new long[Threads + 1];
        borders[Threads] = stream.Length;
        for (int i = 1; i < Threads; i++)
        {
            stream.Position = stream.Length * i / Threads;
            int read;
            do
            {
                read = stream.ReadByte();
            }
            while (read is not ('\n' or -1));
            borders[i] = stream.Position;
        }

        return borders;
    }
}
