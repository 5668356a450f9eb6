using System.CommandLine;
using System.CommandLine.Parsing;
using Lepton.Compute.Formats;

namespace Lepton.Cli.CommandLine;

/// <summary>Says what is wrong with a command line, and which name was probably meant.</summary>
internal static class ParseErrors
{
    /// <summary>One message for all errors.</summary>
    public static string Describe(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string path = PathOf(result.CommandResult);
        IEnumerable<string> messages = result.UnmatchedTokens.Count > 0
            ? result.UnmatchedTokens.Select(token => Unknown(token, command, path))
            : result.Errors.Select(error => Other(error, path));
        return $"{string.Join(" ", messages.Distinct(StringComparer.Ordinal))} '{path} --help' lists what there is.";
    }

    private static string Unknown(string token, Command command, string path)
    {
        bool isOption = token.StartsWith('-');
        string kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        IEnumerable<string> names = isOption
            ? OptionsOf(command).SelectMany(option => option.Aliases.Append(option.Name))
            : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
        string hint = NearestName.Find(token, names) is { } near ? $" Did you mean '{near}'?" : "";
        return $"'{path}' has no {kind} '{token}'.{hint}";
    }

    private static string Other(ParseError error, string path) =>
        error.SymbolResult is ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing
            ? $"'{path}' needs {missing.Argument.Name}: {Lowered(missing.Argument.Description)}"
            : error.Message;

    private static IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>()
            .SelectMany(parent => parent.Options.Where(option => option.Recursive)))
            .Where(option => !option.Hidden);

    private static string Lowered(string? sentence) =>
        string.IsNullOrEmpty(sentence) ? "see its help." : char.ToLowerInvariant(sentence[0]) + sentence[1..];

    private static string PathOf(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is CommandResult command; at = at.Parent)
        {
            names.Add(command.Command.Name);
        }

        names.Reverse();
        return string.Join(' ', names);
    }
}
