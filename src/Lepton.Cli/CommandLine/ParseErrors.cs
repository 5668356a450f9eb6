using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Lepton.Compute.Formats;

namespace Lepton.Cli.CommandLine;

/// <summary>Says what is wrong with a command line, and which name was probably meant.</summary>
internal static class ParseErrors
{
    /// <summary>One message for all errors; null where there is none.</summary>
    public static string? Describe(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string path = PathOf(result.CommandResult);
        IEnumerable<string> messages;
        if (result.Action is not ParseErrorAction)
        {
            messages = ReferenceEquals(result.Action, command.Action)
                ? Swallowed(result).Select(token =>
                    $"{Unknown(token, command, path)} What the program gets goes behind --.")
                : [];
        }
        else
        {
            messages = result.UnmatchedTokens.Count > 0
                ? result.UnmatchedTokens.Select(token => Unknown(token, command, path))
                : result.Errors.Select(error => Other(error, path));
        }

        string all = string.Join(" ", messages.Distinct(StringComparer.Ordinal));
        return all.Length == 0 ? null : $"{all} '{path} --help' lists what there is.";
    }

    /// <summary>
    /// What looks like an option, is none, and would go to a command's program since it may get any words: where that
    /// is meant, -- stands before it.
    /// </summary>
    private static IEnumerable<string> Swallowed(ParseResult result)
    {
        ArgumentResult[] arguments = [.. result.CommandResult.Children.OfType<ArgumentResult>()];
        if (!arguments.Any(static argument => argument.Argument.Arity.MaximumNumberOfValues > 1))
        {
            return [];
        }

        HashSet<Token> words = new(
            arguments.SelectMany(static argument => argument.Tokens), ReferenceEqualityComparer.Instance);
        return result.Tokens.TakeWhile(static token => token.Type != TokenType.DoubleDash)
            .Where(token => words.Contains(token) && token.Value is ['-', _, ..])
            .Select(static token => token.Value);
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
