using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Coordination;
using Lepton.Compute;
using Lepton.Coordination.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton coordinator</c>: runs one member of a coordination cluster, with etcd's flags.</summary>
internal static class CoordinatorCommand
{
    private const string Examples =
        """
        Examples:
          lepton coordinator
              one member alone: clients at http://127.0.0.1:2379, data in default.lepton
          lepton coordinator --name n1 --data-dir /var/lib/lepton/n1 \
            --listen-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 \
            --initial-cluster n1=http://127.0.0.1:2380,n2=http://127.0.0.1:2382,n3=http://127.0.0.1:2384
              the first of three
          etcdctl --endpoints http://127.0.0.1:2379 put greeting hello
              etcd's tools and clients work against it

        Runs until Ctrl-C or SIGTERM. Beyond 127.0.0.1 it listens only with https and client certificates.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        CoordinatorFlags flags = new();
        var command = new Command(
            "coordinator", "Runs one member of the coordination store: etcd v3's protocol over Lepton's own Raft.");
        foreach (Option option in flags.All)
        {
            command.Options.Add(option);
        }

        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction((result, cancellation) => RunAsync(flags, result, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CoordinatorFlags flags, ParseResult result, CancellationToken cancellation)
    {
        using ILoggerFactory logs = LoggerFactory.Create(static logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Error)
            .AddProvider(new ConsoleLines(TimeProvider.System)));
        Coordinator coordinator;
        try
        {
            coordinator = await Coordinator.StartAsync(flags.Read(result, logs), cancellation).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }

        await using (coordinator.ConfigureAwait(false))
        {
            TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration stopped = cancellation.Register(() => stop.TrySetResult());
            Task first = await Task.WhenAny(stop.Task, coordinator.Completion).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }

        return ExitCodes.Ok;
    }
}
