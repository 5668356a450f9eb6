namespace Lepton.Compute.Formats;

/// <summary>A row of a file can't be read as the record that was asked for.</summary>
public sealed class MalformedRowException(RowError error, Exception? inner = null)
    : SourceException($"{error} Correct the row, or read with OnError = OnError.Skip to leave out such rows and " +
        $"have them " +
    "listed.", inner)
{
    /// <summary>Where and what.</summary>
    public RowError Error { get; } = error;
}
