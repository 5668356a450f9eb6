namespace Lepton.Learning;

/// <summary>A model that can't be read or written. The message names the file, what was wrong, and what to
/// do.</summary>
public sealed class ModelFileException(string source, string problem, Exception? inner = null)
    : Exception($"{source}: {problem}", inner)
{
    /// <summary>The path of the file, or a word for bytes in memory.</summary>
    public string ModelSource { get; } = source;
}
