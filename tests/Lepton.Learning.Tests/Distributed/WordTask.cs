using Lepton.Compute.Datasets;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>Counts a word in lines; its partial and its result are records.</summary>
internal sealed class WordTask(string word) : DistributedTask<string, WordTask.Partial, WordTask.Total>
{
    internal sealed record Partial(string Line, int Count);

    internal sealed record Total(IReadOnlyList<string> Lines, int Count);

    public override Partial Map(string input) => input == "boom"
        ? throw new FormatException("no words in 'boom'")
        : new Partial(input, input.Split(' ').Count(w => w == word));

    public override Total Reduce(IEnumerable<Partial> partials)
    {
        var lines = new List<string>();
        int count = 0;
        foreach (Partial partial in partials)
        {
            lines.Add(partial.Line);
            count += partial.Count;
        }

        return new Total(lines, count);
    }
}
