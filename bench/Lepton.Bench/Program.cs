using Lepton.Bench;
using Lepton.Bench.Objects;
using Lepton.Bench.Sides;
using Lepton.Bench.Suites;

// One program for all that is ours: a verb for each side that is measured. bench/run.sh starts it.
const int ExitFailed = 1;
const int ExitUsage = 2;
var verbs = new Dictionary<string, Func<Arguments, Task>>(StringComparer.Ordinal)
{
    ["noop"] = NoopSide.RunAsync,
    ["wordcount"] = WordCountSide.RunAsync,
    ["wordloop"] = WordLoopSide.RunAsync,
    ["sort"] = SortSide.RunAsync,
    ["group"] = GroupSide.RunAsync,
    ["put"] = PutSide.RunAsync,
    ["get"] = GetSide.RunAsync,
    ["watch"] = WatchSide.RunAsync,
    ["lock"] = LockSide.RunAsync,
    ["failover"] = FailoverSide.RunAsync,
    ["million"] = MillionSide.RunAsync,
    ["steps"] = StepsSide.RunAsync,
    ["fit"] = FitSide.RunAsync,
    ["rankkill"] = RankKillSide.RunAsync,
    ["operators"] = OperatorsSide.RunAsync,
    ["allreduce"] = AllReduceSide.RunAsync,
    ["object-put"] = ObjectPutSide.RunAsync,
    ["object-get"] = ObjectGetSide.RunAsync,
    ["large-object"] = LargeObjectSide.RunAsync,
    ["list"] = ListSide.RunAsync,
    ["store-memory"] = StoreMemorySide.RunAsync,
    ["repair"] = RepairSide.RunAsync,
    ["bare-server"] = BareServer.RunAsync,
};
try
{
    if (args is ["suite", ..])
    {
        return await SuiteProgram.RunAsync(new Arguments(args[1..])) ? 0 : ExitFailed;
    }

    if (args.Length == 0 || !verbs.TryGetValue(args[0], out Func<Arguments, Task>? run))
    {
        throw new ArgumentException(
            $"Lepton.Bench needs a verb: {string.Join(", ", verbs.Keys)}. bench/run.sh runs them all.");
    }

    await run(new Arguments(args[1..]));
    return 0;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitUsage;
}
