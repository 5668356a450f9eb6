using Lepton.Coordination.Client;
using Lepton.Storage.Protocol;

namespace Lepton.Storage.Replication;

/// <summary>A node's status as it lies in the coordination store.</summary>
internal static class StatusForm
{
    public static NodeStatus Write(PeerStatus status)
    {
        NodeStatus form = new()
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
        };
        if (status.OnlyHere is { } kept)
        {
            (form.OnlyHere, form.OnlyHereAsOf) = (kept.Count, kept.AsOf.Value);
        }

        return form;
    }

    public static PeerStatus Read(NodeStatus form) => new(
        form.Blocks, form.SegmentBytes, form.DiskBytes, form.DiskBytesFree,
        form.HasOnlyHere ? new KeptBlocks(form.OnlyHere, new Revision(form.OnlyHereAsOf)) : null,
        new RepairProgress(
            form.RepairBlocks, form.RepairBlocksDone, form.CopiesMissing, form.CopiesMade, form.RepairBytes,
            TimeSpan.FromMilliseconds(form.RepairLeftMs), form.IsBraked));
}
