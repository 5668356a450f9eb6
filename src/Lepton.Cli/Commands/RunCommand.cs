using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Cli.Running;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton run</c>: builds and runs a user's program.</summary>
internal static class RunCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "run";

    private const string Examples =
        """
        Examples:
          lepton run samples/iris
          lepton run samples/iris -- --map-reduce --workers 2
          lepton run bin/Release/net10.0/job.dll

        A project of which no file changed since its last run, nor of those that it refers to,
        is started as it was built.

        Returns what the program returns; 2 or 3 where there is nothing to run, 1 where it does not
        build. A program that ends with an exception of Lepton's gets the code for it:
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
            Description = "What the program gets, behind --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> build = new("--build") { Description = "Build even where nothing changed since the last run." };
        var command = new Command(
            Name, "Builds a program, where its sources changed, and runs it.") { target, build, arguments };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction(async (result, cancellation) =>
        {
            string program =
                await ProgramBuild.FindAsync(result.GetRequiredValue(target), result.GetValue(build), cancellation)
                    .ConfigureAwait(false);
            return await UserProgram.RunAsync(program, result.GetValue(arguments) ?? []).ConfigureAwait(false);
        });
        return command;
    }
}
