using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>
/// Which blocks of this node uploads hold, that are taken by any node. They are held until the upload is released, or
/// its session is known to be over: not before, as the node that took it may just be slow, and still commit. Thread
/// safe.
/// </summary>
internal sealed class UploadPins(BlockStore blocks)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UploadId, List<BlockRef>> _held = [];

    /// <summary>How many uploads hold blocks.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>Takes over a pin of a block.</summary>
    public void Add(UploadId upload, BlockRef block)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(upload, out List<BlockRef>? held))
            {
                _held[upload] = held = [];
            }

            held.Add(block);
        }
    }

    /// <summary>Which of some blocks an upload does not hold.</summary>
    public List<BlockRef> NotHeld(UploadId upload, IEnumerable<BlockRef> wanted)
    {
        lock (_gate)
        {
            HashSet<BlockRef> held = [.. _held.GetValueOrDefault(upload) ?? []];
            return [.. wanted.Where(block => !held.Contains(block))];
        }
    }

    /// <summary>Lets go of an upload's blocks.</summary>
    public void Release(UploadId upload)
    {
        List<BlockRef>? held;
        lock (_gate)
        {
            _held.Remove(upload, out held);
        }

        blocks.Unpin(held ?? []);
    }

    /// <summary>Lets go of what sessions hold that are over.</summary>
    public void ReleaseEnded(ClusterView view)
    {
        List<UploadId> ended;
        lock (_gate)
        {
            ended = [.. _held.Keys.Where(upload => view.IsOver(upload.Session))];
        }

        ended.ForEach(Release);
    }
}
