using Lepton.Coordination.Client;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>What to list.</summary>
/// <param name="Prefix">Keys must begin with it; may be empty.</param>
/// <param name="Delimiter">Keys that have it behind the prefix are told as one, up to it; empty for none.</param>
/// <param name="After">What was listed last: only what comes behind it is told; empty for the beginning.</param>
/// <param name="Max">How many keys and common prefixes at most, 0 or more.</param>
internal readonly record struct ListQuery(string Prefix, string Delimiter, string After, int Max);

/// <summary>A part of a list.</summary>
/// <param name="Entries">Keys, ascending, with what the store has of them.</param>
/// <param name="CommonPrefixes">Common prefixes, ascending.</param>
/// <param name="Last">The last key or common prefix; null for an empty list.</param>
/// <param name="IsTruncated">Whether there are more.</param>
internal sealed record ListPage(
    IReadOnlyList<(string Key, MetadataEntry Entry)> Entries, IReadOnlyList<string> CommonPrefixes, string? Last,
    bool IsTruncated);

/// <summary>
/// Lists keys under a root in the order of their UTF-8 bytes. Of keys that a delimiter makes one, only those are read
/// that come with the same page: the next page begins behind them.
/// </summary>
internal sealed class KeyListing(IMetadataStore metadata, string root, ListQuery query)
{
    private const int PageKeysMax = 1000;
    private readonly List<(string Key, MetadataEntry Entry)> _entries = [];
    private readonly List<string> _prefixes = [];
    private string? _last;

    private int Count => _entries.Count + _prefixes.Count;

    /// <summary>Runs the query.</summary>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<ListPage> RunAsync(CancellationToken cancellationToken)
    {
        KeyRange all = KeyRange.Prefix(root + query.Prefix);
        KeyRange? rest = query.After.Length == 0 ? all : Behind(all, query.After);
        while (rest is { } range)
        {
            int limit = Math.Min(query.Max - Count + 1, PageKeysMax);
            MetadataPage page = await metadata.RangeAsync(range, limit, Revision.None, cancellationToken)
                .ConfigureAwait(false);
            foreach (MetadataEntry entry in page.Entries)
            {
                if (!Add(MetadataKeys.After(root, entry.Key), entry))
                {
                    return new ListPage(_entries, _prefixes, _last, IsTruncated: query.Max > 0);
                }
            }

            rest = page.More ? Behind(all, MetadataKeys.After(root, page.Entries[^1].Key)) : null;
        }

        return new ListPage(_entries, _prefixes, _last, IsTruncated: false);
    }

    /// <returns>False where there is no room for it.</returns>
    private bool Add(string key, MetadataEntry entry)
    {
        string? common = CommonPrefix(key);
        if (common is not null && (common == _last || common == query.After))
        {
            return true;
        }

        if (Count >= query.Max)
        {
            return false;
        }

        _last = common ?? key;
        if (common is null)
        {
            _entries.Add((key, entry));
        }
        else
        {
            _prefixes.Add(common);
        }

        return true;
    }

    /// <summary>What is left of a range behind a key, or behind all keys that are told as one with it.</summary>
    private KeyRange? Behind(KeyRange all, string key)
    {
        string? common = CommonPrefix(key);
        Bytes start = common is null
            ? Bytes.FromText(root + key).Append(new byte[1])
            : KeyRange.Prefix(root + common).End;
        if (start < all.Start)
        {
            return all;
        }

        return start < all.End ? KeyRange.Between(start, all.End) : (KeyRange?)null;
    }

    private string? CommonPrefix(string key)
    {
        if (query.Delimiter.Length == 0 || !key.StartsWith(query.Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        int at = key.IndexOf(query.Delimiter, query.Prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + query.Delimiter.Length)];
    }
}
