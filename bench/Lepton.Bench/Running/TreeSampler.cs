using System.Globalization;

namespace Lepton.Bench.Running;

/// <summary>
/// Watches what a process and all that it starts use, the same way for both sides: every 50 ms, the resident sizes of
/// the tree's processes, added up, and their processor time. Pages that processes share count once in each.
/// </summary>
internal sealed class TreeSampler(int rootProcess)
{
    // USER_HZ, which Linux shows to programs whatever its own clock: 100 on all that .NET runs on.
    private const double TicksPerSecond = 100;
    private const int ParentField = 1;
    private const int UserTicksField = 11;
    private const int SystemTicksField = 12;
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(50);
    private readonly Dictionary<int, long> _peaks = new() { [rootProcess] = 0 };
    private readonly Dictionary<int, long> _ticks = [];
    private readonly HashSet<int> _strangers = [];

    /// <summary>The highest sum of resident sizes that was seen, in bytes.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>
    /// The sum of each process's own peak as the kernel kept it (VmHWM): an upper bound of the true peak.
    /// </summary>
    public long PeaksSumBytes => _peaks.Values.Sum();

    /// <summary>
    /// Processor time of all processes, in seconds, up to each one's last sample. It says how much work was done even
    /// where others kept the cores busy.
    /// </summary>
    public double CpuSeconds => _ticks.Values.Sum() / TicksPerSecond;

    /// <summary>Samples until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_every);
        try
        {
            do
            {
                Sample();
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // The process has ended; what was seen stands.
            return;
        }
    }

    private void Sample()
    {
        FindNewProcesses();
        long sum = 0;
        foreach (int process in _peaks.Keys.ToList())
        {
            (long residentBytes, long peakBytes) = ReadStatus(process);
            sum += residentBytes;
            _peaks[process] = Math.Max(_peaks[process], peakBytes);
            _ticks[process] = Math.Max(_ticks.GetValueOrDefault(process), TicksOf(process));
        }

        PeakBytes = Math.Max(PeakBytes, sum);
    }

    /// <summary>
    /// A process belongs to the tree when its parent does. Numbers grow, so a parent comes before its children.
    /// </summary>
    private void FindNewProcesses()
    {
        IEnumerable<int> unknown = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0 && !_peaks.ContainsKey(id) && !_strangers.Contains(id))
            .Order();
        foreach (int process in unknown.ToList())
        {
            if (_peaks.ContainsKey(ParentOf(process)))
            {
                _peaks.Add(process, 0);
            }
            else
            {
                _strangers.Add(process);
            }
        }
    }

    private static int ParentOf(int process) => (int)Stat(process, ParentField);

    private static long TicksOf(int process) => Stat(process, UserTicksField) + Stat(process, SystemTicksField);

    // "PID (name) state PPID …", where the name may hold anything; fields count from the state. 0 when the process is
    // gone.
    private static long Stat(int process, int field)
    {
        string stat = Read(process, "stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > field ? long.Parse(fields[field], CultureInfo.InvariantCulture) : 0;
    }

    private static (long ResidentBytes, long PeakBytes) ReadStatus(int process)
    {
        string status = Read(process, "status");
        return (KiBytes(status, "VmRSS:"), KiBytes(status, "VmHWM:"));
    }

    private static long KiBytes(string status, string name)
    {
        int start = status.IndexOf(name, StringComparison.Ordinal);
        if (start < 0)
        {
            return 0;
        }

        ReadOnlySpan<char> rest = status.AsSpan(start + name.Length).TrimStart();
        return long.Parse(rest[..rest.IndexOf(' ')], CultureInfo.InvariantCulture) << 10;
    }

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended in between, and holds nothing any more.
            return "";
        }
    }
}
