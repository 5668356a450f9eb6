namespace Lepton.Cli.Objects;

/// <summary>What a comparison needs of a file or an object.</summary>
/// <param name="Name">Its path below the folder, with slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ModifiedAt">When it was written.</param>
internal readonly record struct SyncEntry(string Name, long Bytes, DateTimeOffset ModifiedAt);
