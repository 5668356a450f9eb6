namespace Lepton.Storage.Blocks;

/// <summary>Where a block lies.</summary>
/// <param name="Segment">In which file.</param>
/// <param name="Offset">Where its record begins.</param>
/// <param name="Length">How many bytes are stored of it.</param>
/// <param name="WrittenAtMs">When it was first written, in milliseconds since 1970.</param>
/// <param name="PlainLength">How many bytes it has.</param>
internal readonly record struct BlockLocation(
    SegmentFile Segment, long Offset, int Length, long WrittenAtMs, int PlainLength);

/// <summary>
/// Which blocks there are, where they lie, and which must stay although nothing in the metadata may refer to them yet:
/// pinned ones, and those that were written or found again since a collection of garbage began. About 120 bytes a
/// block. Thread safe.
/// </summary>
internal sealed class BlockIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BlockId, BlockLocation> _blocks = [];
    private readonly Dictionary<BlockId, int> _pins = [];
    private readonly HashSet<BlockId> _damaged = [];
    private HashSet<BlockId>? _touched;
    private BlockBytes _bytes;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _blocks.Count;
            }
        }
    }

    /// <summary>How many bytes all blocks have, and how many are stored of them.</summary>
    public BlockBytes Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    public BlockLocation? Find(BlockId id)
    {
        lock (_gate)
        {
            return _blocks.TryGetValue(id, out BlockLocation location) ? location : null;
        }
    }

    /// <summary>
    /// Whether a block is there and, as far as is known, undamaged. Where it is, a collection that is under way keeps
    /// it: who asks may rely on the answer.
    /// </summary>
    public bool Has(BlockId id)
    {
        lock (_gate)
        {
            bool has = _blocks.ContainsKey(id) && !_damaged.Contains(id);
            if (has)
            {
                _touched?.Add(id);
            }

            return has;
        }
    }

    /// <summary>Says that what lies at a place is not what was written there.</summary>
    public void MarkDamaged(BlockId id, BlockLocation location)
    {
        lock (_gate)
        {
            if (_blocks.TryGetValue(id, out BlockLocation now) && now == location)
            {
                _damaged.Add(id);
            }
        }
    }

    /// <summary>Says that a block was read at a place and is what was written: what could not be read for a while
    /// counts again.</summary>
    public void MarkWhole(BlockId id, BlockLocation location)
    {
        lock (_gate)
        {
            if (_blocks.TryGetValue(id, out BlockLocation now) && now == location)
            {
                _damaged.Remove(id);
            }
        }
    }

    /// <summary>All blocks that are there now.</summary>
    public BlockId[] Ids()
    {
        lock (_gate)
        {
            return [.. _blocks.Keys];
        }
    }

    /// <summary>Pins a block, whether it is there or not, and finds it.</summary>
    public BlockLocation? Pin(BlockId id)
    {
        lock (_gate)
        {
            _pins[id] = _pins.GetValueOrDefault(id) + 1;
            _touched?.Add(id);
            return _blocks.TryGetValue(id, out BlockLocation location) ? location : null;
        }
    }

    public void Unpin(BlockId id)
    {
        lock (_gate)
        {
            int left = _pins[id] - 1;
            if (left > 0)
            {
                _pins[id] = left;
            }
            else
            {
                _pins.Remove(id);
            }
        }
    }

    /// <summary>Says where a block lies now.</summary>
    public void Put(BlockId id, BlockLocation location)
    {
        lock (_gate)
        {
            if (_blocks.TryGetValue(id, out BlockLocation before))
            {
                _bytes = _bytes.Without(before);
            }

            _blocks[id] = location;
            _bytes = _bytes.With(location);
            _damaged.Remove(id);
            _touched?.Add(id);
        }
    }

    /// <summary>From here on, whatever is pinned or touched is kept by <see cref="RemoveUnless"/>.</summary>
    public void BeginCollection()
    {
        lock (_gate)
        {
            _touched = [.. _pins.Keys];
        }
    }

    public void EndCollection()
    {
        lock (_gate)
        {
            _touched = null;
        }
    }

    /// <summary>All blocks, by the number of their segment.</summary>
    public Dictionary<long, List<(BlockId Id, BlockLocation Location)>> BySegment()
    {
        lock (_gate)
        {
            Dictionary<long, List<(BlockId, BlockLocation)>> all = [];
            foreach ((BlockId id, BlockLocation location) in _blocks)
            {
                if (!all.TryGetValue(location.Segment.Number, out List<(BlockId, BlockLocation)>? blocks))
                {
                    all[location.Segment.Number] = blocks = [];
                }

                blocks.Add((id, location));
            }

            return all;
        }
    }

    /// <summary>The blocks that lie in a segment from a place on, in their order. O(all blocks).</summary>
    public List<(BlockId Id, BlockLocation Location)> In(SegmentFile segment, long from)
    {
        List<(BlockId Id, BlockLocation Location)> blocks = [];
        lock (_gate)
        {
            foreach ((BlockId id, BlockLocation location) in _blocks)
            {
                if (location.Segment == segment && location.Offset >= from)
                {
                    blocks.Add((id, location));
                }
            }
        }

        blocks.Sort(static (one, other) => one.Location.Offset.CompareTo(other.Location.Offset));
        return blocks;
    }

    /// <summary>Whether any block lies in a segment.</summary>
    public bool IsIn(SegmentFile segment)
    {
        lock (_gate)
        {
            return _blocks.Values.Any(location => location.Segment == segment);
        }
    }

    /// <summary>Forgets all blocks that lie in a segment. O(all blocks).</summary>
    public void RemoveIn(SegmentFile segment)
    {
        lock (_gate)
        {
            foreach ((BlockId id, BlockLocation location) in
                _blocks.Where(one => one.Value.Segment == segment).ToList())
            {
                _damaged.Remove(id);
                _bytes = _bytes.Without(location);
                _blocks.Remove(id);
            }
        }
    }

    /// <summary>Whether a block must stay, whatever the metadata says.</summary>
    public bool IsHeld(BlockId id)
    {
        lock (_gate)
        {
            return _touched!.Contains(id);
        }
    }

    /// <summary>Forgets a block, unless it is held by now or lies elsewhere.</summary>
    /// <returns>Whether nothing in its old place is needed any more.</returns>
    public bool RemoveUnless(BlockId id, BlockLocation location)
    {
        lock (_gate)
        {
            if (!_blocks.TryGetValue(id, out BlockLocation now) || now.Segment != location.Segment)
            {
                return true;
            }

            if (_touched!.Contains(id))
            {
                return false;
            }

            _damaged.Remove(id);
            _bytes = _bytes.Without(now);
            return _blocks.Remove(id);
        }
    }

    /// <summary>Says that a block was copied, unless it lies elsewhere by now.</summary>
    public void Move(BlockId id, BlockLocation from, BlockLocation to)
    {
        lock (_gate)
        {
            if (_blocks.TryGetValue(id, out BlockLocation now) && now == from)
            {
                _blocks[id] = to;
            }
        }
    }
}

/// <summary>Bytes of blocks.</summary>
/// <param name="Plain">How many the blocks have.</param>
/// <param name="Stored">How many are stored of them, without the headers of their records.</param>
internal readonly record struct BlockBytes(long Plain, long Stored)
{
    public BlockBytes With(BlockLocation block) => new(Plain + block.PlainLength, Stored + block.Length);

    public BlockBytes Without(BlockLocation block) => new(Plain - block.PlainLength, Stored - block.Length);
}
