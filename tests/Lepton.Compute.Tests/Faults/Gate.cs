using System.Diagnostics;
using System.Globalization;

namespace Lepton.Compute.Tests.Faults;

/// <summary>
/// Barriers between processes: a file that is there or not. The side in the worker waits on the task's token, so that a
/// cancelled task leaves its barrier.
/// </summary>
internal static class Gate
{
    private const int LookEveryMs = 10;
    private static readonly TimeSpan s_waitMax = TimeSpan.FromSeconds(120);

    /// <summary>Opens a gate; opening it again does nothing.</summary>
    public static void Open(string path) => File.WriteAllBytes(path, []);

    /// <summary>Notes which process came by, whole or not at all.</summary>
    public static void Sign(string path)
    {
        string unfinished = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        File.WriteAllText(unfinished, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>In a task: waits until the gate is open or the task is cancelled.</summary>
    public static void Pass(string path, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        while (!File.Exists(path))
        {
            cancellation.WaitHandle.WaitOne(LookEveryMs);
            cancellation.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(started) > s_waitMax)
            {
                throw new TimeoutException($"The gate '{Path.GetFileName(path)}' was not opened.");
            }
        }
    }

    /// <summary>In a task: waits for ever, until the task is cancelled or its process ended.</summary>
    public static void Hold(CancellationToken cancellation) => Pass("/dev/null/never", cancellation);

    /// <summary>As <see cref="Hold(CancellationToken)"/>; opens a gate when the task is told to stop.</summary>
    public static void Hold(string stopped, CancellationToken cancellation)
    {
        try
        {
            Hold(cancellation);
        }
        finally
        {
            Open(stopped);
        }
    }

    /// <summary>In a test: waits until something holds; fails with what did not happen.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(LookEveryMs));
        long started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_waitMax, $"This did not happen: {what}.");
            await clock.WaitForNextTickAsync();
        }
    }

    /// <summary>In a test: waits for a task to sign, and gives its process.</summary>
    public static async Task<int> SignedAsync(string path)
    {
        await UntilAsync(() => File.Exists(path), $"a task signs '{Path.GetFileName(path)}'");
        return int.Parse(await File.ReadAllTextAsync(path), CultureInfo.InvariantCulture);
    }
}
