using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton elect</c>: stands for election, or tells who leads.</summary>
internal static class ElectCommand
{
    private const string Examples =
        """
        Examples:
          lepton elect scheduler host-7
          lepton elect scheduler --watch

        Waits until it leads, prints "leading", its fencing token and its value with tabs between them, and leads until
        Ctrl-C or SIGTERM, which resigns and returns 0; where the leadership is lost, it returns 15. With --watch it
        prints "leader", token and value of whoever leads, or "nobody", now and at each change. Elections of etcdctl
        elect with the same name are the same elections.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "The election." };
        Argument<string?> value = new("VALUE")
        {
            Description = "What observers get to see of this candidate.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> watch = new("--watch") { Description = "Do not stand; tell who leads." };
        Option<int> ttl = LockCommand.Ttl("leadership");
        ServerOptions server = new();
        var command = new Command("elect", "Stands for election, and leads until it is ended.")
        {
            name, value, watch, ttl,
        };
        server.AddTo(command);
        command.AppendHelp(Examples, ServerOptions.HelpSection, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            string candidate = result.GetValue(value) ?? "";
            if (result.GetValue(watch) == candidate.Length > 0)
            {
                throw new UsageException("Give VALUE to stand for election, or --watch to tell who leads.");
            }

            using CoordinationClient client = server.Connect(result);
            LeaderElection election = new(
                client, LockCommand.CheckName(result.GetRequiredValue(name)),
                new LeaseSessionOptions { Ttl = TimeSpan.FromSeconds(result.GetValue(ttl)) });
            return candidate.Length > 0
                ? await LeadAsync(election, candidate, cancellation).ConfigureAwait(false)
                : await WatchAsync(election, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> LeadAsync(
        LeaderElection election, string candidate, CancellationToken cancellation)
    {
        Leadership leadership = await election.CampaignAsync(candidate, cancellation).ConfigureAwait(false);
        await using (leadership.ConfigureAwait(false))
        {
            Console.Out.WriteLine($"leading\t{leadership.FencingToken}\t{candidate}");
            using CancellationTokenSource end =
                CancellationTokenSource.CreateLinkedTokenSource(cancellation, leadership.Lost);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!cancellation.IsCancellationRequested)
            {
                leadership.ThrowIfLost();
            }

            return ExitCodes.Ok;
        }
    }

    private static async Task<int> WatchAsync(LeaderElection election, CancellationToken cancellation)
    {
        await foreach (Leader? leader in election.ObserveAsync(cancellation).ConfigureAwait(false))
        {
            Console.Out.WriteLine(leader is null ? "nobody" : $"leader\t{leader.FencingToken}\t{leader.Value}");
        }

        return ExitCodes.Ok;
    }
}
