using System.Globalization;
using System.Runtime.InteropServices;

namespace Lepton.Cli.Coordination;

/// <summary>
/// A process and those that it started, as they were at one moment: a shell that ends leaves its children behind, and
/// they must not go on without the lock either. Linux's <c>/proc</c> tells who is whose child; elsewhere it is the
/// process alone.
/// </summary>
internal sealed class ProcessTree
{
    public const int HangUp = 1;
    public const int Kill = 9;
    public const int Terminate = 15;
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(20);
    private readonly Entry[] _processes;

    private ProcessTree(Entry[] processes) => _processes = processes;

    /// <summary>The process and its descendants.</summary>
    public static ProcessTree Of(int root)
    {
        List<Entry> all = [.. ProcessIds().Select(Read).OfType<Entry>()];
        List<Entry> found = [.. all.Where(entry => entry.Id == root)];
        for (int i = 0; i < found.Count; i++)
        {
            found.AddRange(all.Where(entry => entry.Parent == found[i].Id));
        }

        return new ProcessTree(found.Count > 0 ? [.. found] : [new Entry(root, 0, null)]);
    }

    /// <summary>Sends a signal to one process.</summary>
    public static void Signal(int process, int signal) => _ = NativeMethods.SendSignal(process, signal);

    /// <summary>Sends a signal to all that still run.</summary>
    public void Signal(int signal)
    {
        foreach (Entry process in _processes.Where(IsRunning))
        {
            Signal(process.Id, signal);
        }
    }

    /// <summary>Waits until all have ended.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        using PeriodicTimer look = new(s_lookInterval);
        while (_processes.Any(IsRunning))
        {
            await look.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Whether it runs, and its number was not given to another process since.</summary>
    private static bool IsRunning(Entry process) => process.StartedAt is null
        ? NativeMethods.SendSignal(process.Id, 0) == 0
        : Read(process.Id) is { } now && now.StartedAt == process.StartedAt;

    private static IEnumerable<int> ProcessIds() => !Directory.Exists("/proc")
        ? []
        : Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0);

    /// <summary>A process that runs; null for one that has ended, also where its parent has not looked yet.</summary>
    private static Entry? Read(int id)
    {
        try
        {
            // proc(5): the name, in parentheses, may hold anything; what follows is state, parent, and at 22 the start.
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X"
                ? null
                : new Entry(id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    private sealed record Entry(int Id, int Parent, string? StartedAt);

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern int SendSignal(int process, int signal);
    }
}
