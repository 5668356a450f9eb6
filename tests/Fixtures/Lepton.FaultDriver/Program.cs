using System.Globalization;
using Lepton.Compute;
using Lepton.Compute.Datasets;

// A user's program that tests start as a process of its own, to kill it or to start it under bad conditions.
// Usage: Lepton.FaultDriver MODE FOLDER. Workers sign FOLDER/task-N with their process id. What is read or written is
// below FOLDER, unless FAULT_PATH names another place.
string mode = args[0];
string folder = args[1];
var options = new LeptonSessionOptions
{
    WorkDirectory = Path.Combine(folder, "work"),
    EventLogPath = "",
    MemoryPerWorkerBytes = 128L << 20,
    Speculate = false,
};
if (await Uncaught.RunAsync(mode, folder, options))
{
    return 0;
}

try
{
    switch (mode)
    {
        case "hold":
            await HoldAsync(LeptonSession.LocalAsync(workers: 2, options: options), folder, listens: true);
            break;
        case "loop":
            await HoldAsync(LeptonSession.LocalAsync(workers: 2, options: options), folder, listens: false);
            break;
        case "write":
            await WriteAsync(await LeptonSession.LocalAsync(workers: 2, options: options), folder);
            break;
        case "write-threads":
            await WriteAsync(await LeptonSession.LocalAsync(threads: 2, options: options), folder);
            break;
        case "half-done":
            await HalfDone.RunAsync(folder, options);
            break;
        case "forget":
            LeptonSession forgotten = await LeptonSession.LocalAsync(workers: 2, options: options);
            await SignAsync(forgotten, folder);
            break;
        case "start":
            await CountAsync(await LeptonSession.LocalAsync(workers: 2, options: options));
            break;
        case "culture":
            await CultureAsync(options);
            break;
        case "read-nothing":
            await ReadNothingAsync(await LeptonSession.LocalAsync(threads: 1, options: options), folder);
            break;
        case "throw":
            await ThrowAsync(await LeptonSession.LocalAsync(threads: 1, options: options));
            break;
        case "start-without-workers":
            BreakWorkersToCome();
            await LeptonSession.LocalAsync(workers: 2, options: options);
            break;
        case "lose-all-workers":
            await LoseAllAsync(await LeptonSession.LocalAsync(workers: 1, options: options), folder);
            break;
        case "lose-one-of-two":
            await LoseOneAsync(await LeptonSession.LocalAsync(workers: 2, options: options), folder);
            break;
        default:
            throw new ArgumentException($"There is no mode '{mode}'.");
    }
}
catch (JobFailedException e)
{
    Console.WriteLine($"{e.Reason}: {e.Message}");
    return 3;
}

return 0;

static async Task CultureAsync(LeptonSessionOptions options)
{
    CultureInfo.CurrentCulture = new CultureInfo("de-DE");
    CultureInfo.CurrentUICulture = new CultureInfo("fr-FR");
    await using LeptonSession session = await LeptonSession.LocalAsync(workers: 1, options: options);
    List<string> seen = await session.Range(0, 1)
        .SelectPartition((_, context) => new[]
        {
            $"{context.Worker}: {CultureInfo.CurrentCulture.Name} {CultureInfo.CurrentUICulture.Name} " +
            $"{new CultureInfo("it-IT").Name}",
        })
        .ToListAsync();
    Console.WriteLine(seen[0]);
}

static async Task CountAsync(LeptonSession session)
{
    await using (session)
    {
        Console.WriteLine($"counted {await session.Range(0, 10).CountAsync()}");
    }
}

static async Task ReadNothingAsync(LeptonSession session, string folder)
{
    await using (session)
    {
        await session.ReadText(PathOr(folder, "nothing.txt")).CountAsync();
    }
}

static async Task ThrowAsync(LeptonSession session)
{
    await using (session)
    {
        await session.Range(0, 1).Select<long>(_ => throw new InvalidOperationException("mine")).CountAsync();
    }
}

// A start-up hook that is not there ends every .NET program before its Main, and says so.
static void BreakWorkersToCome() =>
    Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", "/nowhere/no-such-hook.dll");

static async Task HoldAsync(Task<LeptonSession> starting, string folder, bool listens)
{
    await using LeptonSession session = await starting;
    await session.Range(0, 2, partitions: 2)
        .SelectPartition((rows, context) =>
        {
            Sign(folder, context.Partition);
            if (listens)
            {
                context.Cancellation.WaitHandle.WaitOne();
            }

            while (true)
            {
                context.Cancellation.ThrowIfCancellationRequested();
            }

#pragma warning disable CS0162 // The lambda needs a result for its type; the loop never ends.
            return rows;
#pragma warning restore CS0162
        })
        .CountAsync();
}

static async Task WriteAsync(LeptonSession session, string folder)
{
    await session.Range(0, 200_000, partitions: 2)
        .Select(row => row.ToString(new string('0', 100), CultureInfo.InvariantCulture))
        .SelectPartition((rows, context) => HoldAfter(100_000, rows, context, folder))
        .WriteTextAsync(PathOr(folder, "out", "lines"), new WriteOptions { Overwrite = true });
}

static string PathOr(string folder, params string[] names) =>
    Environment.GetEnvironmentVariable("FAULT_PATH") ?? Path.Combine([folder, .. names]);

static IEnumerable<string> HoldAfter(int count, IEnumerable<string> rows, PartitionContext context, string folder)
{
    foreach (string row in rows)
    {
        yield return row;
        if (--count == 1)
        {
            Sign(folder, context.Partition);
            context.Cancellation.WaitHandle.WaitOne();
        }
    }
}

static Task<long> SignAsync(LeptonSession session, string folder) =>
    session.Range(0, 2, partitions: 2)
        .SelectPartition((rows, context) =>
        {
            Sign(folder, context.Partition);
            return rows;
        })
        .CountAsync();

static async Task LoseAllAsync(LeptonSession session, string folder)
{
    BreakWorkersToCome();
    Task<long> job = session.Range(0, 2, partitions: 2)
        .SelectPartition((rows, context) =>
        {
            Sign(folder, context.Partition);
            context.Cancellation.WaitHandle.WaitOne();
            return rows;
        })
        .CountAsync();
    await Task.WhenAny(job, SignedAsync(folder, 0));
    await session.KillWorkerAsync("w1");
    try
    {
        await job;
    }
    catch (JobFailedException e)
    {
        Console.WriteLine($"first {e.Reason}");
    }

    await using (session)
    {
        await session.Range(0, 2).CountAsync();
    }
}

static async Task LoseOneAsync(LeptonSession session, string folder)
{
    await using (session)
    {
        BreakWorkersToCome();
        await session.KillWorkerAsync("w1");
        Console.WriteLine($"counted {await SignAsync(session, folder)}");
    }
}

static async Task SignedAsync(string folder, int task)
{
    using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
    while (!File.Exists(Path.Combine(folder, $"task-{task}")))
    {
        await clock.WaitForNextTickAsync();
    }
}

static void Sign(string folder, int task)
{
    string path = Path.Combine(folder, $"task-{task}");
    string unfinished = $"{path}.{Environment.ProcessId}";
    File.WriteAllText(unfinished, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    File.Move(unfinished, path, overwrite: true);
}
