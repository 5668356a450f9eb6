using Lepton.Storage.Metadata;

namespace Lepton.Storage.Encryption;

/// <summary>The cluster key that wraps what is new.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">The key in clear; kept in memory only.</param>
/// <param name="Entry">
/// What says that it is the current one: whoever commits what it has wrapped requires that to be unchanged, so that
/// nothing is wrapped with it any more once it was replaced.
/// </param>
internal sealed record CurrentKey(string Id, byte[] Key, MetadataEntry Entry);
