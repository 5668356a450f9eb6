using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Compute.Replay;
using Lepton.Compute;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton replay</c>: runs one failed task again, in this process.</summary>
internal static class ReplayCommand
{
    private const string Examples =
        """
        Examples:
          lepton replay job.jsonl              lists the failed tasks that were kept
          lepton replay job.jsonl 3/12         runs one again; stops at its throw under a debugger
          lepton replay job.jsonl 3/12 --wait  waits for a debugger to attach first

        Returns 1 where the task fails again, 0 where it does not. User code does again whatever it
        does to the world; what it writes through a data set is thrown away.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string> log = new("LOG")
        {
            Description = "A session's event log, where LeptonSession.EventLogPath says.",
        };
        Argument<string?> task = new("TASK")
        {
            Description = "The task, STAGE/PARTITION as error messages have it; without it the failed tasks are " +
                "listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> wait = new("--wait") { Description = "Wait for a debugger to attach before user code runs." };
        Option<string> build = new("--build")
        {
            Description = "Where the program's build output is, if it was moved. It must be the build that ran.",
            HelpName = "FOLDER",
        };
        var command = new Command("replay", "Runs one failed task again in this process, under a debugger if one is " +
            "attached.")
        {
            log, task, wait, build,
        };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction((result, cancellation) =>
        {
            ReplayLog failures = ReplayLog.Open(result.GetRequiredValue(log));
            if (result.GetValue(task) is not { } name)
            {
                return Task.FromResult(List(failures));
            }

            var options = new ReplayOptions
            {
                WaitForDebugger = result.GetValue(wait),
                BuildDirectory = result.GetValue(build),
                Say = text => Console.Error.WriteLine($"lepton: {text}"),
            };

            // On another thread, so that Ctrl-C ends the process even if user code does not look at its token.
            return Task.Run(() => Run(failures.Find(name), options, cancellation), cancellation);
        });
        return command;
    }

    private static int List(ReplayLog failures)
    {
        if (failures.Failed.Count == 0)
        {
            Console.Out.WriteLine("No task failed.");
        }

        foreach (FailedTask failed in failures.Failed)
        {
            Console.Out.WriteLine($"{failed.Task}  {failed.StageLabel}");
            Console.Out.WriteLine($"    {failed.Error}");
            if (failed.NotKept is { } why)
            {
                Console.Out.WriteLine($"    can't be replayed: {why}");
            }
        }

        return ExitCodes.Ok;
    }

    private static int Run(FailedTask failed, ReplayOptions options, CancellationToken cancellation)
    {
        Console.Out.WriteLine($"Task {failed.Task} ({failed.StageLabel}) of {failed.Job}, attempt {failed.Attempt}, " +
            "failed with");
        Console.Out.WriteLine($"  {failed.Error}");
        ReplayResult result = ReplayRunner.Run(failed, options, cancellation);
        if (result.Thrown is OperationCanceledException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }

        Console.Out.WriteLine(Outcome(result));
        if (result.Thrown is { } thrown)
        {
            Console.Out.WriteLine(thrown);
        }

        return result.Thrown is null ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static string Outcome(ReplayResult result)
    {
        string after = string.Create(
            CultureInfo.InvariantCulture,
            $"after {result.Took.TotalSeconds:0.###} s (read {result.ShuffleReadBytes:N0} bytes of shuffles, spilled " +
            $"{result.SpilledBytes:N0}, held {result.PeakMemoryBytes >> 20:N0} MiB at most)");
        if (result.Thrown is not null)
        {
            string alike = result.FailedAlike switch
            {
                true => "It failed again, as in the job,",
                false => "It failed again, but otherwise than in the job,",
                null => "It failed",
            };
            return $"{alike} {after}:";
        }

        string rows = result.RecordsOut is { } records
            ? string.Create(CultureInfo.InvariantCulture, $"{records:N0} records, ")
            : "";
        string maybe = result.Notes.Count > 0 ? " What was said above may be why." : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"It succeeded {after}: {rows}{result.BytesOut:N0} bytes.{maybe}");
    }
}
