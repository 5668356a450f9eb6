using Lepton.Storage.Protocol;
using Lepton.Storage.Scrubbing;

namespace Lepton.Storage.Replication;

/// <summary>A node's status as it travels.</summary>
internal static class StatusForm
{
    public static StatusResponse Write(PeerStatus status)
    {
        StatusResponse form = new()
        {
            Blocks = status.Blocks,
            SegmentBytes = status.SegmentBytes,
            DiskBytes = status.DiskBytes,
            DiskBytesFree = status.DiskBytesFree,
            RepairBlocks = status.Repair.Blocks,
            RepairBlocksDone = status.Repair.BlocksDone,
            CopiesMissing = status.Repair.CopiesMissing,
            CopiesMade = status.Repair.CopiesMade,
            RepairBytes = status.Repair.Bytes,
            RepairLeftMs = (long)status.Repair.TimeLeft.TotalMilliseconds,
            IsBraked = status.Repair.IsBraked,
            ScrubBytes = status.Scrub.Bytes,
            ScrubBytesDone = status.Scrub.BytesDone,
            ScrubDamaged = status.Scrub.Damaged,
            ScrubLeftMs = (long)status.Scrub.TimeLeft.TotalMilliseconds,
            ScrubOldestMs = (long)status.Scrub.Oldest.TotalMilliseconds,
            LostBlocks = status.Lost.Blocks,
            LostObjects = status.Lost.Objects,
            CacheMemoryBytes = status.Cache.MemoryBytes,
            CacheDiskBytes = status.Cache.DiskBytes,
            CacheHits = status.Cache.Hits,
            CacheMisses = status.Cache.Misses,
            PlainBytes = status.PlainBytes,
            StoredBytes = status.StoredBytes,
        };
        form.LostNames.AddRange(status.Lost.Names);
        if (status.OnlyHere is { } blocks)
        {
            form.OnlyHere = blocks;
        }

        return form;
    }

    public static PeerStatus Read(StatusResponse form) => new(
        form.Blocks, form.SegmentBytes, form.DiskBytes, form.DiskBytesFree, form.HasOnlyHere ? form.OnlyHere : null,
        new RepairProgress(
            form.RepairBlocks, form.RepairBlocksDone, form.CopiesMissing, form.CopiesMade, form.RepairBytes,
            TimeSpan.FromMilliseconds(form.RepairLeftMs), form.IsBraked))
    {
        Scrub = new ScrubProgress(
            form.ScrubBytes, form.ScrubBytesDone, form.ScrubDamaged, TimeSpan.FromMilliseconds(form.ScrubLeftMs),
            TimeSpan.FromMilliseconds(form.ScrubOldestMs)),
        Lost = new LostReport(form.LostBlocks, form.LostObjects, [.. form.LostNames]),
        Cache = new CacheReport(form.CacheMemoryBytes, form.CacheDiskBytes, form.CacheHits, form.CacheMisses),
        PlainBytes = form.PlainBytes,
        StoredBytes = form.StoredBytes,
    };
}
