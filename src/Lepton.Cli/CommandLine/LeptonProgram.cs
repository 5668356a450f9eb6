using System.CommandLine;
using System.CommandLine.Invocation;
using Lepton.Cli.Commands;
using Lepton.Compute;

namespace Lepton.Cli.CommandLine;

/// <summary>The <c>lepton</c> command: one file for each of its commands, in <c>Commands/</c>.</summary>
internal static class LeptonProgram
{
    /// <summary>What users type.</summary>
    public const string Name = "lepton";

    private const string Examples =
        """
        Examples:
          lepton quickstart --workers 3
              a distributed AI job that survives a worker's death
          lepton run samples/iris -- --workers 2
              build a program and run it
          lepton train samples/mnist --nproc-per-node 2
              train a neural network on two processes
          lepton report job.jsonl
              make the HTML report of an event log
          lepton replay job.jsonl 3/12
              run one failed task again, in this process
          lepton coordinator --data-dir store
              run a member of the coordination store, which the commands below use
          lepton lock nightly -- ./report.sh
              run a command while holding a lock of the cluster
          lepton kv get config/mode
              read a key of the coordination store; put, del and watch do what they say
          lepton elect scheduler host-7
              stand for election, and lead
          lepton members --endpoints http://10.0.0.1:2379
              who belongs to the coordination cluster; add, promote and remove change that
          lepton snapshot save backup.db
              back up the coordination store; restore and status do what they say
          lepton storage --data-dir objects
              run a node of the object store, behind S3's protocol
          lepton object put corpus.txt s3://data/text/
              write an object; get, ls, cp, rm, sync, stat, du, presign, mb and rb do what they say
          lepton native build
              build the native library that neural networks need, against libtorch
        """;

    private static readonly TimeSpan CleanUpTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        Command root = Create(TimeProvider.System.GetUtcNow());
        ParseResult result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (ParseErrors.Describe(result) is { } wrong)
        {
            await Console.Error.WriteLineAsync($"lepton: {wrong}").ConfigureAwait(false);
            return ExitCodes.Usage;
        }

        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,

            // A program that is run answers signals itself, and so does one that runs under a lock.
            ProcessTerminationTimeout =
                result.CommandResult.Command.Name is RunCommand.Name or LockCommand.Name or TrainCommand.Name
                    ? null
                    : CleanUpTimeMax,
        };
        return await result.InvokeAsync(invocation).ConfigureAwait(false);
    }

    private static Command Create(DateTimeOffset startedAt)
    {
        // Not a RootCommand, which takes its name from the program's file.
        var root = new Command(Name, "Lepton runs C# on data: on the cores of this machine, and through failures.");
        root.Options.Add(new VersionOption { Action = new PrintVersion() });
        root.Options.Add(CommandErrors.Verbose);
        root.Subcommands.Add(QuickstartCommand.Create(startedAt));
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(ReportCommand.Create());
        root.Subcommands.Add(ReplayCommand.Create());
        root.Subcommands.Add(CoordinatorCommand.Create());
        root.Subcommands.Add(KvCommand.Create());
        root.Subcommands.Add(LockCommand.Create());
        root.Subcommands.Add(ElectCommand.Create());
        root.Subcommands.Add(MembersCommand.Create());
        root.Subcommands.Add(SnapshotCommand.Create());
        root.Subcommands.Add(StorageCommand.Create());
        root.Subcommands.Add(ObjectCommand.Create());
        root.Subcommands.Add(TrainCommand.Create());
        root.Subcommands.Add(ParameterServerCommand.Create());
        root.Subcommands.Add(NativeCommand.Create());
        root.AppendHelp(Examples, HelpText.ExitCodesText);
        root.SetAction(HelpText.Print);
        return root;
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            string version = typeof(LeptonProgram).Assembly.GetName().Version?.ToString(3) ?? "0";
            parseResult.InvocationConfiguration.Output.WriteLine($"lepton {version}");
            return ExitCodes.Ok;
        }
    }
}
