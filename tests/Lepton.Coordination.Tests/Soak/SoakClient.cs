using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Histories;
using Lepton.Core.Randomness;
using Lepton.Simulation.Checking;

namespace Lepton.Coordination.Tests.Soak;

/// <summary>
/// One client that reads, writes, deletes, compares and sets a few shared keys, and writes a journal of keys of its
/// own, each once. It notes what it asked, what it was told, and when.
/// </summary>
internal sealed class SoakClient(int number, CoordinationClient client, ulong seed, SoakTally tally)
{
    private const int KeyCount = 24;
    private const int PauseMsMax = 40;
    private readonly SeededRandom _random = new(seed);
    private readonly Dictionary<string, string?> _seen = [];
    private long _written;

    /// <summary>The journal's keys whose put was acknowledged.</summary>
    public List<string> Journal { get; } = [];

    /// <summary>Works until the time is over; the operations of shared keys go to the histories, by key.</summary>
    public async Task RunAsync(
        int round, long until,
        ConcurrentDictionary<string, ConcurrentQueue<Operation<RegisterInput, RegisterOutput>>> histories)
    {
        _seen.Clear();
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(PauseMsMax));
        while (Stopwatch.GetTimestamp() < until)
        {
            if (_random.NextInt32(4) == 0)
            {
                await WriteJournalAsync();
            }
            else
            {
                string key = string.Create(CultureInfo.InvariantCulture, $"r/{round}/{_random.NextInt32(KeyCount)}");
                await OperateAsync(key, histories.GetOrAdd(key, _ => new()));
            }

            pace.Period = TimeSpan.FromMilliseconds(1 + _random.NextInt32(PauseMsMax));
            await pace.WaitForNextTickAsync();
        }
    }

    private string NextValue() => string.Create(CultureInfo.InvariantCulture, $"{number}.{_written++}");

    private async Task WriteJournalAsync()
    {
        string value = NextValue();
        string key = $"j/{value}";
        if (await TryAsync("journal put", async () => (await client.PutAsync(key, value)).Revision) is (true, _, _))
        {
            tally.Acknowledged();
            Journal.Add(key);
        }
    }

    private async Task OperateAsync(string key, ConcurrentQueue<Operation<RegisterInput, RegisterOutput>> history)
    {
        RegisterInput input = NextInput(key);
        long invokedAt = Stopwatch.GetTimestamp();
        (bool isDone, bool isOpen, RegisterOutput? output) = await TryAsync(
            Kind(input), () => RegisterCalls.AskAsync(client, key, input));
        if (isDone || isOpen)
        {
            history.Enqueue(new(number, input, output, invokedAt, Stopwatch.GetTimestamp()));
        }

        if (isDone && input is RegisterInput.Get)
        {
            _seen[key] = output!.Value;
        }
        else if (isDone)
        {
            tally.Acknowledged();
        }
    }

    private RegisterInput NextInput(string key) => _random.NextInt32(8) switch
    {
        0 or 1 or 2 => new RegisterInput.Get(),
        3 or 4 or 5 => new RegisterInput.Put(NextValue()),
        6 => new RegisterInput.CompareAndSet(_seen.GetValueOrDefault(key), NextValue()),
        _ => new RegisterInput.Delete(),
    };

    private static string Kind(RegisterInput input) => input switch
    {
        RegisterInput.Get => "get",
        RegisterInput.Put => "put",
        RegisterInput.Delete => "delete",
        _ => "compare and set",
    };

    /// <summary>Done, not done, or open: a write of which the client does not know.</summary>
    private async Task<(bool IsDone, bool IsOpen, T? Answer)> TryAsync<T>(string kind, Func<Task<T>> ask)
    {
        try
        {
            T answer = await ask();
            tally.Add(kind + ": acknowledged");
            return (true, false, answer);
        }
        catch (OutcomeUnknownException)
        {
            tally.Add(kind + ": outcome unknown");
            return (false, true, default);
        }
        catch (CoordinationException)
        {
            // Of a write this says that it did not take effect; the check holds the client to that.
            tally.Add(kind + ": refused");
            return (false, false, default);
        }
    }
}
