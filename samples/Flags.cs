using System.Globalization;
using System.Numerics;

namespace Lepton.Samples;

/// <summary>
/// The flags of a sample, which all samples share: each is declared, with its default, where its value is read. Behind
/// the last one, <see cref="Check"/> ends the program where its help is wanted or a flag can't be used.
/// </summary>
internal sealed class Flags(string[] args, string purpose)
{
    private const int ExitUsage = 2;
    private readonly List<(string Name, string Form, string Meaning)> _known = [("--help", "--help", "says this")];
    private readonly List<string> _faults = [];
    private readonly bool[] _isRead = new bool[args.Length];

    /// <summary>A flag without a value: whether it is there.</summary>
    public bool Has(string name, string meaning)
    {
        _known.Add((name, name, meaning));
        int at = LastPlace(name);
        Require(at < 0 || args[at] == name, $"{name} takes no value.");
        return at >= 0;
    }

    /// <summary>A flag that may be left out; null then.</summary>
    public string? Text(string name, string form, string meaning)
    {
        _known.Add((name, $"{name} {form}", meaning));
        return ValueOf(name, form);
    }

    /// <summary>A flag with a default.</summary>
    public string Text(string name, string otherwise, string form, string meaning) =>
        Text(name, form, $"{meaning} [{otherwise.ReplaceLineEndings("\\n")}]") ?? otherwise;

    /// <summary>One of several words, by default the first.</summary>
    public string OneOf(string name, string[] words, string meaning)
    {
        string value = Text(name, words[0], string.Join('|', words), meaning);
        Require(words.Contains(value), $"{name} is '{value}'; expected {string.Join(", ", words)}.");
        return value;
    }

    /// <summary>A number, whole where its default's type is, within bounds where there are any.</summary>
    public T Number<T>(string name, T otherwise, string meaning, T? from = null, T? to = null)
        where T : struct, INumber<T>
    {
        bool isWhole = otherwise is not double;
        string? text = Text(
            name, isWhole ? "N" : "X", string.Create(CultureInfo.InvariantCulture, $"{meaning} [{otherwise}]"));
        if (text is null)
        {
            return otherwise;
        }

        bool isRight = T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T value)
            && T.IsFinite(value) && value >= (from ?? value) && value <= (to ?? value);
        string bounds = (from is null ? "" : $" from {from}") + (to is null ? "" : $" to {to}");
        Require(isRight, $"{name} is '{text}'; expected a {(isWhole ? "whole " : "")}number{bounds}.");
        return isRight ? value : otherwise;
    }

    /// <summary>A flag that a function reads; it throws an <see cref="ArgumentException"/> where it can't.</summary>
    public T Read<T>(string name, string otherwise, Func<string, T> read, string form, string meaning)
    {
        try
        {
            return read(Text(name, otherwise, form, meaning));
        }
        catch (ArgumentException e)
        {
            _faults.Add($"{name}: {e.Message}");
            return read(otherwise);
        }
    }

    /// <summary>Refuses flags that don't go together: what is wrong is a whole sentence.</summary>
    public void Require(bool isRight, string wrong)
    {
        if (!isRight)
        {
            _faults.Add(wrong);
        }
    }

    /// <summary>
    /// Ends the program where <c>--help</c> is among the flags, with 0, and where one is unknown or can't be used, with
    /// 2 and one line.
    /// </summary>
    public void Check()
    {
        if (args.Contains("--help") || args.Contains("-h"))
        {
            int width = _known.Max(static flag => flag.Form.Length);
            IEnumerable<string> lines = _known.Select(flag => $"  {flag.Form.PadRight(width)}  {flag.Meaning}");
            End(0, Console.Out, $"{purpose}\n\nFlags, with their defaults in brackets:\n{string.Join('\n', lines)}");
        }

        string[] wrong = [.. Unknown(), .. _faults];
        if (wrong.Length > 0)
        {
            string program = AppDomain.CurrentDomain.FriendlyName;
            End(ExitUsage, Console.Error, $"{program}: {string.Join(' ', wrong)} --help lists the flags.");
        }
    }

    private static void End(int code, TextWriter writer, string text)
    {
        // Ranks of one machine have the same flags, so the first tells for all. The others leave as if all were well:
        // at the first one that fails the launcher ends them all, and the first may not have spoken yet.
        bool isTelling = Environment.GetEnvironmentVariable("LOCAL_RANK") is null or "0";
        if (isTelling)
        {
            writer.WriteLine(text);
        }

        Environment.Exit(isTelling ? code : 0);
    }

    /// <summary>Where a flag is, the last time that it is given; -1 where it is not.</summary>
    private int LastPlace(string name)
    {
        int last = -1;
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == name || args[i].StartsWith(name + '=', StringComparison.Ordinal))
            {
                _isRead[last = i] = true;
            }
        }

        return last;
    }

    /// <summary>What stands behind a flag, or behind its '='.</summary>
    private string? ValueOf(string name, string form)
    {
        string? value = null;
        int last = LastPlace(name);
        for (int i = 0; i <= last; i++)
        {
            if (args[i].StartsWith(name + '=', StringComparison.Ordinal))
            {
                value = args[i][(name.Length + 1)..];
            }
            else if (args[i] == name)
            {
                bool hasValue = HasValueBehind(i);
                value = hasValue ? args[i + 1] : "";
                _isRead[hasValue ? i + 1 : i] = true;
            }
        }

        Require(value is not "", $"{name} needs a value: {name} {form}.");
        return value is "" ? null : value;
    }

    /// <summary>What no flag has read, but for words that may be values of flags that there are not.</summary>
    private IEnumerable<string> Unknown() => Enumerable.Range(0, args.Length)
        .Where(i => !_isRead[i] && (i == 0 || _isRead[i - 1] || !HasValueBehind(i - 1)))
        .Select(i => args[i].Split('=')[0])
        .Select(name => $"{name} is no flag; the nearest is {Nearest(name)}.");

    private bool HasValueBehind(int place) =>
        IsFlag(args[place]) && place + 1 < args.Length && !IsFlag(args[place + 1]);

    private static bool IsFlag(string word) => word.StartsWith("--", StringComparison.Ordinal);

    private string Nearest(string name) =>
        _known.Select(static flag => flag.Name).MinBy(known => Distance(name, known))!;

    /// <summary>Levenshtein's: how many characters must be added, removed or changed.</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0]++;
            for (int j = 1; j <= to.Length; j++)
            {
                int changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
