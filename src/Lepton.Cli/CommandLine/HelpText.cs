using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Lepton.Cli.CommandLine;

/// <summary>
/// Appends to a command's help what the library's own help has no place for: examples and exit codes.
/// </summary>
internal static class HelpText
{
    /// <summary>What each command returns.</summary>
    public const string ExitCodesText =
        """
        Exit codes:
          0    done                             9    NaN, or an infinite number
          1    the job failed                  10    a lambda that can't be sent
          2    wrong flags or paths            11    a record type that can't be coded
          3    a file is missing               12    a full disk
          4    a row that can't be read        13    a port in use
          5    a column is missing             14    servers that fail or refuse
          6    no data                         15    a lock or a leadership was lost
          7    more workers than rows          16    no such key, bucket or object
          8    a class with too few            17    a data directory that can't be used
               rows to split                   18    a disk that failed
                                               19    a member that was removed
                                               20    no memory left for a training
                                              130    cancelled with Ctrl-C
        """;

    /// <summary>
    /// Adds text to the end of the help of a command, its option included where it has none of its own.
    /// </summary>
    public static void AppendHelp(this Command command, params string[] sections)
    {
        HelpOption? help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null)
        {
            help = new HelpOption();
            command.Options.Add(help);
        }

        help.Action = new Appended((HelpAction)help.Action!, sections);
    }

    /// <summary>Prints the help of the command that was given.</summary>
    public static int Print(ParseResult result) =>
        ((SynchronousCommandLineAction)result.CommandResult.Command.Options.OfType<HelpOption>().First().Action!)
            .Invoke(result);

    private sealed class Appended(HelpAction help, string[] sections) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            foreach (string section in sections)
            {
                parseResult.InvocationConfiguration.Output.WriteLine(section);
                parseResult.InvocationConfiguration.Output.WriteLine();
            }

            return code;
        }
    }
}
