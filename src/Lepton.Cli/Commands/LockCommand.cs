using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton lock</c>: runs a command while it holds a lock.</summary>
internal static class LockCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "lock";

    private const string Examples =
        """
        Examples:
          lepton lock nightly-report -- ./report.sh --all
          lepton lock deploy --ttl 30 --grace 20 -- make deploy

        Waits for the lock, runs the command, releases the lock, and returns what the command returns (128 and the
        signal's number where a signal ended it). The command finds the fencing token in LEPTON_LOCK_TOKEN: have
        whatever it writes to refuse a smaller one than it has seen.

        Where the lock is lost, because the servers can't be reached for as long as its lease lives or because somebody
        ended the lease, the command and what it has started get SIGTERM, after --grace seconds SIGKILL, and 15 is
        returned. SIGTERM and SIGHUP to lepton are passed on. Locks of etcdctl lock with the same name are the same
        locks.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "The lock." };
        Argument<string[]> words = new("command")
        {
            Description = "What to run, behind --.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<int> ttl = Ttl("lock");
        Option<int> grace = Bounded.Number(
            "--grace", "Seconds that the command has to end once the lock is lost,", 5, 0, 3600);
        ServerOptions server = new();
        var command = new Command(Name, "Runs a command while holding a lock.") { name, words, ttl, grace };
        server.AddTo(command);
        command.AppendHelp(Examples, ServerOptions.HelpSection, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            using CoordinationClient client = server.Connect(result);
            DistributedLock mutex = new(
                client, CheckName(result.GetRequiredValue(name)),
                new LeaseSessionOptions { Ttl = TimeSpan.FromSeconds(result.GetValue(ttl)) });
            LockedProcess process = new(
                result.GetRequiredValue(words), TimeSpan.FromSeconds(result.GetValue(grace)));
            return await process.RunAsync(mutex, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>The lease's time.</summary>
    internal static Option<int> Ttl(string what) => Bounded.Number(
        "--ttl", $"Seconds after which the servers take the {what} from a process that gives no sign of life,", 10, 1,
        86_400);

    /// <summary>Refuses an empty name.</summary>
    internal static string CheckName(string name) => name.Length > 0
        ? name
        : throw new UsageException("NAME is empty; give the lock or election a name.");
}
