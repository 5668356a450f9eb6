using System.Globalization;
using Lepton.Bench.Running;
using Lepton.Bench.Sides;

namespace Lepton.Bench.Suites;

/// <summary>Runs both sides of a row in turns: ours, the peer, ours, the peer.</summary>
internal sealed class SuiteRunner(string workDirectory, bool isQuick, CancellationToken cancellation)
{
    private const int Digits = 3;
    private static readonly TimeSpan s_runTimeMax = TimeSpan.FromMinutes(20);

    /// <summary>Measures a piece of work: its row, and one for each other figure.</summary>
    public async Task<IReadOnlyList<Row>> RunAsync(Work work)
    {
        var row = new Row
        {
            Work = work.Name,
            Title = work.Title,
            Unit = work.Unit,
            AtLeast = work.AtLeast,
            Aim = work.Aim,
            Date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
        };
        if (work.Peers.Append(work.Ours).FirstOrDefault(side => side.Missing is not null) is { } missing)
        {
            return Alone(work, row with { Skipped = missing.Missing });
        }

        try
        {
            return await MeasureAsync(work, row);
        }
        catch (FailedRunException e)
        {
            Tell(work, e.Message);
            string reason = $"failed: {e.Message.Split('\n')[0].Trim()}";
            return Alone(work, row with { Skipped = reason, HasFailed = true });
        }
    }

    /// <summary>The rows of work that was not measured.</summary>
    private static IReadOnlyList<Row> Alone(Work work, Row row) =>
        [row, .. work.Also.Select(figure => RowOf(row, work, figure))];

    private static Row RowOf(Row row, Work work, Figure figure) => row with
    {
        Work = $"{work.Name}-{figure.Name}",
        Title = figure.Title,
        Unit = figure.Unit,
        AtLeast = figure.AtLeast,
        Aim = figure.Aim,
    };

    private async Task<IReadOnlyList<Row>> MeasureAsync(Work work, Row row)
    {
        if (work.Input is { } input)
        {
            Tell(work, "preparing the input");
            WarmPageCache(input());
        }

        for (int i = 0; i < work.WarmUps; i++)
        {
            Tell(work, "warming up");
            await RunSideAsync(work.Ours);
        }

        int rounds = isQuick ? 1 : work.Rounds;
        List<MeasuredRun> ours = [];
        List<MeasuredRun> peer = [];
        Side? fastest = work.Peers.Count == 1 ? work.Peers[0] : null;
        for (int round = 1; round <= rounds; round++)
        {
            ours.Add(await RunAsync(work, work.Ours, "ours", round, rounds));
            if (fastest is not null)
            {
                peer.Add(await RunAsync(work, fastest, "peer", round, rounds));
            }
            else if (work.Peers.Count > 0)
            {
                (fastest, MeasuredRun run) = await FindFastestAsync(work, rounds);
                peer.Add(run);
            }

            Compare(ours[^1], peer.Count > 0 ? peer[^1] : ours[^1]);
        }

        Row main = Summarize(row, work, ours, peer) with
        {
            Rounds = rounds,
            PeerNote = fastest?.Way is { } way ? $"the peer's fastest way: {way}" : peer.LastOrDefault()?.Note,
        };
        return
        [
            main, .. work.Also.Select(figure => Summarize(RowOf(main, work, figure), figure, work.Limit, ours, peer)),
        ];
    }

    /// <summary>Tries each way of the peer once; the fastest goes on.</summary>
    private async Task<(Side Side, MeasuredRun Run)> FindFastestAsync(Work work, int rounds)
    {
        List<(Side Side, MeasuredRun Run)> tried = [];
        foreach (Side side in work.Peers)
        {
            tried.Add((side, await RunAsync(work, side, $"peer ({side.Way})", 1, rounds)));
        }

        return work.MoreIsBetter ? tried.MaxBy(way => way.Run.Value) : tried.MinBy(way => way.Run.Value);
    }

    private async Task<MeasuredRun> RunAsync(Work work, Side side, string name, int round, int rounds)
    {
        MeasuredRun run = await RunSideAsync(side);
        string value = run.Value.ToString("#,0.###", CultureInfo.InvariantCulture);
        string cost = FormattableString.Invariant($"peak {run.PeakBytes >> 20} MiB, {run.CpuSeconds:0.0} CPU s");
        Tell(work, $"round {round} of {rounds}, {name}: {value} {work.Unit}, {cost}  {run.Note}");
        return run;
    }

    private async Task<MeasuredRun> RunSideAsync(Side side)
    {
        Directory.CreateDirectory(workDirectory);
        try
        {
            // What the run before left to be written would otherwise be written in this one's time.
            await MeasuredProcess.RunAsync(new Command("sync", []), s_runTimeMax, cancellation);
            ProcessRun process = await MeasuredProcess.RunAsync(side.Command, s_runTimeMax, cancellation);
            SideReport report = side.Read is { } read
                ? SideReport.OfTime(TimeSpan.FromSeconds(read(process)), "")
                : SideReport.Parse(process.Output)
                    ?? throw new FailedRunException($"no result in the output of: {side.Command}");
            string check = side.Check is { } look ? look() : report.Check;
            return new MeasuredRun(
                report.Value, process.Wall.TotalSeconds, process.Tree.PeakBytes, process.Tree.PeaksSumBytes,
                process.Tree.CpuSeconds, check, report.Note)
            {
                Figures = report.Figures ?? new Dictionary<string, double>(),
            };
        }
        catch (InvalidDataException e)
        {
            throw new FailedRunException($"wrong result of {side.Command}: {e.Message}");
        }
        finally
        {
            Directory.Delete(workDirectory, recursive: true);
        }
    }

    private static Row Summarize(Row row, Work work, List<MeasuredRun> ours, List<MeasuredRun> peer)
    {
        double oursValue = Median(ours, run => run.Value);
        double peerValue = work.Limit ?? Median(peer, run => run.Value);
        bool hasPeer = peer.Count > 0;
        return row with
        {
            Ours = Math.Round(oursValue, Digits),
            Peer = Math.Round(peerValue, Digits),
            Ratio = Math.Round(work.MoreIsBetter ? oursValue / peerValue : peerValue / oursValue, Digits),
            Spread = Spread(run => run.Value, ours, peer),
            OursPeakMiB = ours.Max(run => run.PeakBytes) >> 20,
            PeerPeakMiB = hasPeer ? peer.Max(run => run.PeakBytes) >> 20 : null,
            OursPeaksSumMiB = ours.Max(run => run.PeaksSumBytes) >> 20,
            PeerPeaksSumMiB = hasPeer ? peer.Max(run => run.PeaksSumBytes) >> 20 : null,
            OursCpuSeconds = Median(ours, run => run.CpuSeconds),
            PeerCpuSeconds = hasPeer ? Median(peer, run => run.CpuSeconds) : null,
            OursWallSeconds = Median(ours, run => run.WallSeconds),
            PeerWallSeconds = hasPeer ? Median(peer, run => run.WallSeconds) : null,
            OursNote = ours[^1].Note,
        };
    }

    /// <summary>The row of another figure, which is a time or a size: less is better.</summary>
    private static Row Summarize(
        Row row, Figure figure, double? limit, List<MeasuredRun> ours, List<MeasuredRun> peer)
    {
        double oursValue = Of(ours);
        double peerValue = limit ?? Of(peer);
        return row with
        {
            Ours = oursValue,
            Peer = peerValue,
            Ratio = Math.Round(peerValue / oursValue, Digits),
            Spread = Spread(Value, ours, peer),
        };

        double Value(MeasuredRun run) => run.Figures[figure.Name];

        double Of(List<MeasuredRun> runs) =>
            figure.IsWorst ? Math.Round(runs.Max(Value), Digits) : Median(runs, Value);
    }

    private static double Median(List<MeasuredRun> runs, Func<MeasuredRun, double> of)
    {
        double[] values = [.. runs.Select(of).Order()];
        int middle = values.Length / 2;
        return Math.Round(
            values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2, Digits);
    }

    /// <summary>The spread of the side that varies more; null with one round.</summary>
    private static double? Spread(Func<MeasuredRun, double> of, params List<MeasuredRun>[] sides)
    {
        double[] spreads =
        [
            .. sides.Where(runs => runs.Count > 1).Select(runs => (runs.Max(of) - runs.Min(of)) / Median(runs, of)),
        ];
        return spreads.Length > 0 ? Math.Round(spreads.Max(), Digits) : null;
    }

    private static void Compare(MeasuredRun ours, MeasuredRun peer)
    {
        if (ours.Check != peer.Check)
        {
            throw new FailedRunException($"the results differ: ours \"{ours.Check}\", the peer's \"{peer.Check}\"");
        }
    }

    private static void WarmPageCache(string path)
    {
        byte[] buffer = new byte[1 << 20];
        using FileStream file = File.OpenRead(path);
        while (file.Read(buffer) > 0)
        {
        }
    }

    private static void Tell(Work work, string text) => Console.Error.WriteLine($"{work.Name}: {text}");
}
