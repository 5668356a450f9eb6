namespace Lepton.Cli.Objects;

/// <summary>A file below a directory.</summary>
/// <param name="Name">Its path from there, with slashes, as it stands in keys.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ModifiedAt">When it was written.</param>
internal sealed record LocalFile(string Name, string Path, long Bytes, DateTimeOffset ModifiedAt);
