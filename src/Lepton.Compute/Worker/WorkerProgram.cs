using System.Globalization;
using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Protocol;
using Lepton.Compute.Session;
using Lepton.Compute.Shuffle;
using Lepton.Rpc;
using Lepton.Rpc.Client;
using Lepton.Rpc.Server;

namespace Lepton.Compute.Worker;

/// <summary>
/// The worker process: one executor, attached to its driver for life. It ends, and takes its files along, when the
/// driver says so or is gone.
/// </summary>
internal static class WorkerProgram
{
    private const int ExitUsage = 2;
    private const int ExitLost = 3;
    private const int ExitMemory = 4;
    private static readonly TimeSpan LifelineTimeMax = TimeSpan.FromSeconds(2);

    private static async Task<int> Main(string[] args)
    {
        if (args is not ["worker", _])
        {
            await Console.Error.WriteLineAsync(
                "Lepton.Compute.dll is the worker process of a Lepton session, which starts it itself. " +
                "Run a program with 'lepton run PROJECT'.").ConfigureAwait(false);
            return ExitUsage;
        }

        OwnSession.Begin();
        string? line = await Console.In.ReadLineAsync().ConfigureAwait(false);
        if (line is null)
        {
            await Console.Error.WriteLineAsync("The driver was gone before this worker started.").ConfigureAwait(false);
            return ExitLost;
        }

        WorkerStart start = WorkerStart.Parse(line);
        if (!Directory.Exists(start.Directory))
        {
            await Console.Error.WriteLineAsync("The session was over before this worker started.").ConfigureAwait(
                false);
            return ExitLost;
        }

        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.GetCultureInfo(start.Culture);
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo(start.UICulture);
        Lifeline.Watch(start.Directory);
        return await RunAsync(start).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(WorkerStart start)
    {
        using Vitals vitals = Vitals.Open(start.Directory);
        var memory = new MemoryWatch(start.MemoryBudgetBytes);
        var scope = new ExecutorScope(
            start.Name, start.Directory, start.Slots, start.MemoryBudgetBytes, BlocksFor(start), NewCache(start),
                memory);
        using var channel = new RpcChannel(new Uri(start.Driver), ChannelOptions(start));
        await using RpcServer? blocks = start.ShuffleOverHttp
            ? await BlockEndpoint.StartAsync(start.Directory, start.Token).ConfigureAwait(false)
            : null;
        await using RpcDuplexCall<FromExecutor, ToExecutor> call = channel.OpenDuplex(ExecutorProtocol.Attach);

        // What waits is bounded by the tasks that the worker holds.
        var outgoing = new RpcOutgoing<FromExecutor>(messages => call.WriteManyAsync(messages));
        outgoing.Send(new FromExecutor
        {
            Hello = new Hello { Worker = start.Name, BlockAddress = blocks?.Address.ToString() ?? "" },
        });
        using var executor = new Executor(
            scope, new JobLoadContext(start.ProgramDirectory, start.EntryAssembly), outgoing.Send,
            TimeSpan.FromMilliseconds(start.BeatMs), TimeProvider.System, vitals)
        {
            Stuck = words =>
            {
                vitals.SetLastWords(words);
                WorkerExit.Now(ExitMemory);
            },
        };
        try
        {
            await foreach (ToExecutor message in call.ReadAllAsync().ConfigureAwait(false))
            {
                executor.Receive(message);
            }
        }
        catch (RpcException e)
        {
            vitals.SetLastWords($"the stream to the driver broke: {e.Message}");
        }

        // The end of the driver closes the input too, and the lifeline then cleans up. Where the stream alone broke,
        // the
        // driver lives, and it does that.
        await Task.Delay(LifelineTimeMax, TimeProvider.System).ConfigureAwait(false);
        WorkerExit.Now(ExitLost);
        return ExitLost;
    }

    // The driver is on this machine and lives, or the lifeline says so: a connection that is slow to come is one of a
    // busy machine, and the driver waits as long for it.
    private static RpcChannelOptions ChannelOptions(WorkerStart start) =>
        new() { BearerToken = start.Token, ConnectTimeout = TimeSpan.FromSeconds(60) };

    private static RemoteBlocks? BlocksFor(WorkerStart start) =>
        start.ShuffleOverHttp ? new RemoteBlocks(start.Token) : null;

    private static BlockCache NewCache(WorkerStart start) => new(start.Directory, start.MemoryBudgetBytes / 4);
}
