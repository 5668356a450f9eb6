using System.Text;

namespace Lepton.Coordination.Tests.Store;

/// <summary>What the store should say, by the definition: a list of all that ever happened, gone through again for each question.</summary>
internal sealed class NaiveStore
{
    /// <summary>One thing that happened; a value of null is a deletion.</summary>
    public sealed record Happening(long Revision, int Sub, string Key, string? Value, long Create, long Version, long Lease);

    public List<Happening> All { get; } = [];

    public long Revision { get; private set; } = 1;

    public long Compacted { get; private set; } = -1;

    private int _sub;

    /// <summary>Puts a key, and gives what was there.</summary>
    public Happening? Put(string key, string value, long lease)
    {
        var last = All.FindLast(h => h.Key == key);
        var before = last?.Value is null ? null : last;
        All.Add(new(Revision + 1, _sub++, key, value, before?.Create ?? Revision + 1, (before?.Version ?? 0) + 1, lease));
        return before;
    }

    public int Delete(Func<string, bool> inRange)
    {
        var gone = At(Revision + 1).Keys.Where(inRange).ToList();
        foreach (var key in gone)
        {
            All.Add(new(Revision + 1, _sub++, key, null, 0, 0, 0));
        }

        return gone.Count;
    }

    public void End()
    {
        Revision += _sub > 0 ? 1 : 0;
        _sub = 0;
    }

    public void Compact(long revision) => Compacted = revision;

    /// <summary>The keys as of a revision, in the order of their bytes.</summary>
    public SortedDictionary<string, Happening> At(long revision)
    {
        var keys = new SortedDictionary<string, Happening>(StringComparer.Ordinal);
        foreach (var happening in All.Where(h => h.Revision <= revision))
        {
            if (happening.Value is null)
            {
                keys.Remove(happening.Key);
            }
            else
            {
                keys[happening.Key] = happening;
            }
        }

        return keys;
    }

    /// <summary>Latin-1, so that the order of characters is the order of bytes.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
