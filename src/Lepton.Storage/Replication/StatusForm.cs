using Lepton.Storage.Protocol;

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
            PlainBytes = status.PlainBytes,
            StoredBytes = status.StoredBytes,
        };
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
        PlainBytes = form.PlainBytes,
        StoredBytes = form.StoredBytes,
    };
}
