using Lepton.Coordination.Client;

namespace Lepton.Storage.Metadata;

/// <summary>A key as it was read.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">What it holds.</param>
/// <param name="Revision">When it was put last: the version of what it describes.</param>
internal sealed record MetadataEntry(Bytes Key, ReadOnlyMemory<byte> Value, Revision Revision);

/// <summary>Keys as they were read together.</summary>
/// <param name="Entries">The keys, ascending.</param>
/// <param name="More">Whether the limit left some out.</param>
/// <param name="Revision">The store's revision then.</param>
internal sealed record MetadataPage(IReadOnlyList<MetadataEntry> Entries, bool More, Revision Revision);
