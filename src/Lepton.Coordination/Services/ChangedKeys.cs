using Google.Protobuf;

namespace Lepton.Coordination.Services;

/// <summary>
/// The keys that operations put and the ranges that they delete. A key may be put once, and not where it is deleted
/// too; it may be deleted any number of times. Checks cost the logarithm of the number of ranges.
/// </summary>
internal sealed class ChangedKeys
{
    private readonly HashSet<ByteString> _puts = [];
    private readonly List<(ByteString Start, ByteString? End)> _deletes = [];
    private bool _sorted = true;

    /// <summary>Adds a range, before any put.</summary>
    public void AddDelete(ByteString key, ByteString rangeEnd)
    {
        ByteString? end = rangeEnd switch
        {
            { IsEmpty: true } => After(key),
            { Length: 1 } when rangeEnd[0] == 0 => null,
            _ => rangeEnd,
        };
        if (end is null || Compare(key, end) < 0)
        {
            _deletes.Add((key, end));
            _sorted = false;
        }
    }

    /// <summary>Adds a put.</summary>
    /// <exception cref="Rpc.RpcException">The key was put or deleted before.</exception>
    public void AddPut(ByteString key)
    {
        if (!_puts.Add(key) || Deletes(key))
        {
            throw EtcdStatus.DuplicateKey.Raise();
        }
    }

    /// <summary>Adds what another branch of the same condition changes; it never happens together with this.</summary>
    public void Unite(ChangedKeys other)
    {
        _puts.UnionWith(other._puts);
        _deletes.AddRange(other._deletes);
        _sorted &= other._deletes.Count == 0;
    }

    /// <summary>Adds what happens together with this.</summary>
    /// <exception cref="Rpc.RpcException">A key that it puts was put or deleted before.</exception>
    public void AddAll(ChangedKeys other)
    {
        foreach (ByteString key in other._puts)
        {
            AddPut(key);
        }

        _deletes.AddRange(other._deletes);
        _sorted &= other._deletes.Count == 0;
    }

    private static ByteString After(ByteString key)
    {
        byte[] next = new byte[key.Length + 1];
        key.Span.CopyTo(next);
        return UnsafeByteOperations.UnsafeWrap(next);
    }

    private static int Compare(ByteString left, ByteString right) => left.Span.SequenceCompareTo(right.Span);

    private bool Deletes(ByteString key)
    {
        Merge();
        int low = 0;
        int high = _deletes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Compare(_deletes[middle].Start, key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && (_deletes[low - 1].End is not { } end || Compare(key, end) < 0);
    }

    /// <summary>Makes the ranges ascending and disjoint.</summary>
    private void Merge()
    {
        if (_sorted)
        {
            return;
        }

        _deletes.Sort(static (left, right) => Compare(left.Start, right.Start));
        int kept = 0;
        for (int i = 1; i < _deletes.Count; i++)
        {
            (ByteString start, ByteString? end) = _deletes[kept];
            if (end is null || Compare(_deletes[i].Start, end) <= 0)
            {
                bool reachesFurther = end is not null &&
                    (_deletes[i].End is not { } other || Compare(end, other) < 0);
                _deletes[kept] = reachesFurther ? (start, _deletes[i].End) : _deletes[kept];
            }
            else
            {
                _deletes[++kept] = _deletes[i];
            }
        }

        _deletes.RemoveRange(Math.Min(kept + 1, _deletes.Count), Math.Max(_deletes.Count - kept - 1, 0));
        _sorted = true;
    }
}
