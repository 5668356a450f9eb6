using System.CommandLine;
using Lepton.Cli.Commands;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Compute.Events;
using Lepton.Compute.Formats;
using Lepton.Compute.Replay;
using Lepton.Coordination.Client;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Recipes;
using Lepton.Objects;
using Lepton.Raft.Disk;
using Lepton.Rpc.Server;
using Lepton.Storage.Hosting;

namespace Lepton.Cli.CommandLine;

/// <summary>
/// Turns what a command throws into one message and an exit code. Stacks are shown only where they were asked for.
/// </summary>
internal static class CommandErrors
{
    /// <summary>Of every command.</summary>
    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show where in the code an error was thrown.",
        Recursive = true,
    };

    /// <summary>Has a command run and its errors told on standard error.</summary>
    public static void SetGuardedAction(
        this Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction((result, cancellation) => GuardAsync(action, result, cancellation));

    private static async Task<int> GuardAsync(
        Func<ParseResult, CancellationToken, Task<int>> action, ParseResult result, CancellationToken cancellation)
    {
        try
        {
            return await action(result, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            string end = result.CommandResult.Command.Name == QuickstartCommand.Name
                ? "cancelled; all workers were ended."
                : "cancelled.";
            await Console.Error.WriteLineAsync($"lepton: {end}").ConfigureAwait(false);
            return ExitCodes.Cancelled;
        }
        catch (Exception e)
        {
            // The last stop: whatever comes here is told in one message, and the exit code says whose turn it is.
            (int code, string message) = Describe(e);
            await Console.Error.WriteLineAsync($"lepton: {message}").ConfigureAwait(false);
            if (code == ExitCodes.Failed && TaskFailure.Of(e)?.Replay is { } replay)
            {
                await Console.Error.WriteLineAsync($"lepton: run the failed task again, alone: {replay}")
                    .ConfigureAwait(false);
            }

            if (result.GetValue(Verbose))
            {
                await Console.Error.WriteLineAsync(e.ToString()).ConfigureAwait(false);
            }

            return code;
        }
    }

    private static (int Code, string Message) Describe(Exception error) => error switch
    {
        // What is wrong with the input and has no code of its own is the user's turn too.
        SourceException or EventLogException or ReplayException =>
            (ExitCodes.Of(error) is var code and not ExitCodes.Failed ? code : ExitCodes.Usage, error.Message),
        LeaseLostException => (CoordinationExitCodes.Lost, error.Message),
        ObjectException { Failure: ObjectFailure.Full } => (ExitCodes.DiskFull, error.Message),
        ObjectException { IsNotFound: true } => (CoordinationExitCodes.NoSuchKey, error.Message),
        ObjectException => (CoordinationExitCodes.Failed, error.Message),
        CoordinationException or ClusterJoinException => (CoordinationExitCodes.Failed, error.Message),
        StorageException { IsDiskFailure: true } => (CoordinationExitCodes.DiskFailed, error.Message),
        DataDirectoryException or StorageException => (CoordinationExitCodes.DataDirectory, error.Message),
        MemberRemovedException => (CoordinationExitCodes.Removed, error.Message),
        DiskFailedException => (CoordinationExitCodes.DiskFailed, error.Message),
        DiskFullException => (ExitCodes.DiskFull, error.Message),
        RpcBindException when ExitCodes.Of(error) is ExitCodes.Failed => (ExitCodes.Usage, error.Message),
        IExitCode or JobFailedException or IOException or UnauthorizedAccessException =>
            (ExitCodes.Of(error), error.Message),
        _ => ExitCodes.Of(error) is var code and not ExitCodes.Failed
            ? (code, error.Message)
            : (ExitCodes.Failed, Unforeseen(error)),
    };

    private static string Unforeseen(Exception error)
    {
        string where = TaskFailure.Of(error) is { } task ? $" It was thrown by {task}." : "";
        return $"{error.GetType().Name}: {error.Message}{where} This was not foreseen; run the command again with " +
            "--verbose to see " +
            "where it comes from.";
    }
}
