using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Histories;
using Lepton.Core.Randomness;
using Lepton.Simulation.Checking;

namespace Lepton.Coordination.Tests.Partitions;

/// <summary>One client that reads and writes a few keys, one operation after the other, and notes what it was
/// told.</summary>
internal sealed class HistoryClient(int number, CoordinationClient client, string prefix) : IDisposable
{
    private const int Keys = 4;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private readonly SeededRandom _random = new((ulong)number + 1);
    private readonly string?[] _seen = new string?[Keys];
    private int _answered;
    private int _writes;

    /// <summary>What was asked and answered, by key. Read it when the client has ended.</summary>
    public List<(string Key, Operation<RegisterInput, RegisterOutput> Operation)> History { get; } = [];

    /// <summary>How many operations got an answer.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Goes on until it is told to stop; the operation that runs then is finished.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using PeriodicTimer pause = new(s_pause);
        while (!stop.IsCancellationRequested)
        {
            int key = _random.NextInt32(Keys);
            await AskAsync(key, NextInput(key));
            await pause.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public void Dispose() => client.Dispose();

    private RegisterInput NextInput(int key) => _random.NextInt32(10) switch
    {
        < 5 => new RegisterInput.Get(),
        < 7 => new RegisterInput.Put(NextValue()),
        < 8 => new RegisterInput.Delete(),
        _ => new RegisterInput.CompareAndSet(_seen[key], NextValue()),
    };

    private string NextValue() => string.Create(CultureInfo.InvariantCulture, $"{number}.{++_writes}");

    private async Task AskAsync(int key, RegisterInput input)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{prefix}/{key}");
        long began = TimeProvider.System.GetTimestamp();
        RegisterOutput? output;
        try
        {
            output = await RegisterCalls.AskAsync(client, name, input);
            Interlocked.Increment(ref _answered);
        }
        catch (OutcomeUnknownException)
        {
            // It may take effect at any time from now on, or never.
            output = null;
        }
        catch (CoordinationException)
        {
            // A write of which it is said that it was not done must never be seen.
            return;
        }

        if (input is RegisterInput.Get && output is not null)
        {
            _seen[key] = output.Value;
        }

        History.Add((name, new(number, input, output, began, TimeProvider.System.GetTimestamp())));
    }
}
