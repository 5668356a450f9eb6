using System.CommandLine;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Running;
using Lepton.Compute;
using Lepton.Torch;
using Lepton.Training.Launch;
using Lepton.Training.ParameterServer;
using Lepton.Training.ParameterServer.Launching;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton train</c>: builds a program and runs it as the ranks of a training.</summary>
internal static class TrainCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "train";

    private const string Examples =
        """
        Examples:
          lepton train samples/mnist
          lepton train samples/mnist --nproc-per-node 2
          lepton train samples/mnist --nproc-per-node 2 --max-restarts 3 -- --epochs 10 --run runs/mnist
          lepton train my/project --servers 2 --nproc-per-node 3

          lepton train samples/mnist --nproc-per-node 2 --nnodes 2:4 --rdzv-endpoint 10.0.0.1:2379 --rdzv-id mnist
              on each of two to four machines; lepton coordinator runs on one

        Each rank is a process that gets torchrun's environment variables: RANK, WORLD_SIZE, LOCAL_RANK and so on.
        SIGTERM and Ctrl-C have all ranks save and end. With --servers the ranks are workers of parameter servers: the
        program calls ParameterClient, a dead worker does not hold up the others, and a dead server is restored from its
        backup. Neural networks need the native library, once:
          lepton native build

        Where a rank dies, hangs, or does something else than the others, it is named within seconds, and all start
        again as long as --max-restarts lets them: from the last step that the others held in memory, else from the last
        checkpoint. Where a machine goes or another one comes, those that are there go on without counting a restart.

        Returns 9 where a loss was not finite, 20 where there was no memory left, 1 for any other failure of a rank.
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string> target = new("PROJECT|DLL")
        {
            Description = "A project, a folder with one, or a program that was built.",
        };
        Argument<string[]> arguments = new("args")
        {
            Description = "What each rank gets, behind --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<int> processes = Bounded.Number("--nproc-per-node", "Ranks on this machine.", 1, 1, 1024);
        Option<int> restarts = Bounded.Number(
            "--max-restarts", "How often all ranks start again when one fails.", 0, 0, 1000);
        Option<int> port = Bounded.Number(
            "--master-port", "The port that ranks meet at; 0 takes a free one.", 0, 0, 65535);
        Option<int> servers = Bounded.Number(
            "--servers", "Parameter servers that the ranks are workers of; 0 for none.", 0, 0, 64);
        Option<bool> withoutBackups = new("--no-backups")
        {
            Description = "Parameter servers have no backups: half the memory, and the death of one ends the training.",
        };
        Option<bool> standalone = new("--standalone")
        {
            Description = "One machine, and any free port: what happens anyway where no port is given.",
        };
        Option<bool> build = new("--build") { Description = "Build even where nothing changed since the last run." };
        Option<int> stall = Bounded.Number(
            "--stall-timeout", "Seconds that a rank may be silent, or have the others wait,", 3, 1, 86_400);
        var nodes = new RendezvousFlags();
        var command = new Command(Name, "Builds a program, where its sources changed, and trains with it.")
        {
            target, processes, restarts, port, servers, withoutBackups, standalone, stall, build, arguments,
        };
        nodes.AddTo(command);
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            RendezvousOptions? rendezvous = nodes.Read(result, result.GetValue(standalone));
            RequireLibrary();
            string program =
                await ProgramBuild.FindAsync(result.GetRequiredValue(target), result.GetValue(build), cancellation)
                    .ConfigureAwait(false);
            string[] rankCommand = [Dotnet.Host, "exec", program, .. result.GetValue(arguments) ?? []];
            if (result.GetValue(servers) > 0)
            {
                RequireNoMeeting(result.GetValue(restarts), result.GetValue(port));
                return await RunAsync(
                    ServersOf(
                        rankCommand, result.GetValue(processes), result.GetValue(servers),
                        !result.GetValue(withoutBackups)),
                    cancellation).ConfigureAwait(false);
            }

            var options = new LaunchOptions
            {
                Command = rankCommand,
                ProcessesPerNode = result.GetValue(processes),
                RestartsMax = result.GetValue(restarts),
                MasterPort = result.GetValue(standalone) ? 0 : result.GetValue(port),
                StallTime = TimeSpan.FromSeconds(result.GetValue(stall)),
                Rendezvous = rendezvous,
            };
            return await RunAsync(options, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static void RequireNoMeeting(int restarts, int port)
    {
        if (restarts > 0 || port > 0)
        {
            throw new UsageException(
                "--max-restarts and --master-port do not go with --servers: workers don't meet, and the others go on " +
                "where one dies. Leave them out.");
        }
    }

    private static ParameterLaunchOptions ServersOf(
        string[] workerCommand, int workers, int servers, bool hasBackups) => new()
    {
        WorkerCommand = workerCommand,
        ServerCommand = [Dotnet.Host, "exec", typeof(TrainCommand).Assembly.Location, ParameterServerCommand.Name],
        Workers = workers,
        Servers = servers,
        HasBackups = hasBackups,
    };

    private static async Task<int> RunAsync(LaunchOptions options, CancellationToken cancellation)
    {
        try
        {
            return await UntilStoppedAsync(new RankLauncher(options, Write).RunAsync, cancellation)
                .ConfigureAwait(false);
        }
        catch (CollectiveException e)
        {
            throw new UsageException(e.Message, e, options.MasterPort == 0 ? ExitCodes.Failed : ExitCodes.PortInUse);
        }
        catch (Win32Exception e)
        {
            throw new UsageException(
                $"{options.Command[0]} can't be started: {e.Message}. Ranks are started with it; correct the path.", e,
                ExitCodes.MissingFile);
        }
    }

    private static async Task<int> RunAsync(ParameterLaunchOptions options, CancellationToken cancellation)
    {
        try
        {
            return await UntilStoppedAsync(new ParameterLauncher(options, Write).RunAsync, cancellation)
                .ConfigureAwait(false);
        }
        catch (ParameterServerException e)
        {
            throw new UsageException(e.Message, e, ExitCodes.Failed);
        }
    }

    private static async Task<int> UntilStoppedAsync(
        Func<CancellationToken, Task<int>> run, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await run(stop.Token).ConfigureAwait(false);

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static void Write(string line, bool isError) => (isError ? Console.Error : Console.Out).WriteLine(line);

    private static void RequireLibrary()
    {
        try
        {
            TorchLibrary.Require();
        }
        catch (TorchLibraryException e)
        {
            throw new UsageException(e.Message, e, ExitCodes.MissingFile);
        }
    }
}
