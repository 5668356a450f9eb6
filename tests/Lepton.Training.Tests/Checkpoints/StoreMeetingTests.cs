using Lepton.Torch;
using Lepton.Torch.Distributed;
using Lepton.Training.Checkpoints;

namespace Lepton.Training.Tests.Checkpoints;

/// <summary>Ranks, each a thread, that wait for each other at a store and not in a collective.</summary>
public sealed class StoreMeetingTests : TrainingTest
{
    [Fact]
    public void Learn_OneOfAMachineFindsOut_ThoseOfTheMachineAreTold()
    {
        string[] told = new string[4];
        Run(4, (meeting, rank) =>
        {
            string newest = meeting.Learn("all", rank == 0, () => "7");
            told[rank] = newest + meeting.Learn($"machine/{rank / 2}", rank % 2 == 0, () => $" of {rank}");
        });

        Assert.Equal(["7 of 0", "7 of 0", "7 of 2", "7 of 2"], told);
    }

    [Fact]
    public void Learn_TheFinderFails_TheOthersSayThatTheyOnlyLostIt()
    {
        Exception?[] thrown = Run(2, static (meeting, rank) =>
            meeting.Learn("all", rank == 0, static () => throw new IOException("the store is away.")));

        Assert.IsType<IOException>(thrown[0]);
        CollectiveException lost = Assert.IsType<CollectiveException>(thrown[1]);
        Assert.Equal(CollectiveFault.Disconnected, lost.Fault);
        Assert.Contains("rank 0: the store is away.", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Together_AllDo_ReturnsBehindTheLast()
    {
        int done = 0;
        int[] seen = new int[3];
        Run(3, (meeting, rank) =>
        {
            meeting.Together(() => Interlocked.Increment(ref done));
            seen[rank] = Volatile.Read(ref done);
        });

        Assert.Equal([3, 3, 3], seen);
    }

    [Fact]
    public void Together_OneFails_TheOthersDoNotWaitForIt()
    {
        Exception?[] thrown = Run(2, static (meeting, rank) => meeting.Together(() =>
        {
            if (rank == 1)
            {
                throw new IOException("no room.");
            }
        }));

        Assert.IsType<IOException>(thrown[1]);
        Assert.Contains(
            "rank 1: no room.", Assert.IsType<CollectiveException>(thrown[0]).Message, StringComparison.Ordinal);
    }

    private static Exception?[] Run(int ranks, Action<StoreMeeting, int> body)
    {
        using Store store = Store.InProcess();
        var thrown = new Exception?[ranks];
        Thread[] threads = [.. Enumerable.Range(0, ranks).Select(rank => new Thread(() =>
        {
            using var meeting = new StoreMeeting(store.WithPrefix("run"), rank, ranks);
            thrown[rank] = Record.Exception(() => body(meeting, rank));
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        return thrown;
    }
}
