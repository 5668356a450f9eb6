namespace Lepton.Tidy.Source;

/// <summary>One broken rule, at a line counted from 1 (0: the file as a whole).</summary>
internal sealed record Fault(string Path, int Line, string Message)
{
    public override string ToString() => Line == 0 ? $"{Path}: {Message}" : $"{Path}:{Line}: {Message}";

    /// <summary>Fails the running test with every fault on its own line, unless there are none.</summary>
    public static void AssertNone(IEnumerable<Fault> faults)
    {
        var lines = faults.Select(fault => fault.ToString()).Order(StringComparer.Ordinal).ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines.Prepend($"{lines.Count} to tidy up:")));
    }
}
