using Lepton.Storage.Blocks;
using Lepton.Storage.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Storage.Tests.Replication;

public sealed class RepairQueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_ARepairThrew_TheNextIsRepaired()
    {
        List<BlockRef> seen = [];
        await using RepairQueue queue = new(NullLogger.Instance);
        queue.Start((blocks, _) =>
        {
            seen.AddRange(blocks);
            return seen.Count == 1
                ? throw new IOException("Input/output error")
                : Task.FromResult(new RepairOutcome(0, 0, 0, []));
        });
        foreach (byte seed in new byte[] { 1, 2 })
        {
            queue.Add(new BlockRef(BlockId.Of([seed]), 1));
            await queue.DoneAsync(Cancellation);
        }

        Assert.Equal(2, seen.Count);
    }
}
