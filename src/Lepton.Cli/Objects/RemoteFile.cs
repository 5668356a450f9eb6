using Lepton.Objects;

namespace Lepton.Cli.Objects;

/// <summary>An object below a folder.</summary>
/// <param name="Name">What follows the folder in its key.</param>
/// <param name="Info">What the store says of it.</param>
internal sealed record RemoteFile(string Name, ObjectInfo Info);
