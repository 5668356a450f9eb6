using Google.Protobuf;
using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Watching;
using Lepton.Coordination.Protocol;
using Event = Lepton.Coordination.Protocol.Event;

namespace Lepton.Coordination.Tests.Client;

public sealed class WatchCursorTests
{
    [Fact]
    public void Created_WatchOfWhatIsToCome_BeginsBehindTheStoresRevision()
    {
        WatchCursor cursor = new(Revision.None);
        cursor.Created(new Revision(7));
        Assert.Equal(new Revision(8), cursor.Next);

        // Created anew, by a server that is further on: what came between was not told yet.
        cursor.Created(new Revision(20));
        Assert.Equal(new Revision(8), cursor.Next);
    }

    [Fact]
    public void Take_ServerRepeatsOldEvents_TheyAreDropped()
    {
        WatchCursor cursor = new(new Revision(5));
        cursor.Created(new Revision(10));
        Assert.Equal("5 6", Told(cursor.Take(Response(false, 3, 5, 6))));
        Assert.Null(cursor.Take(Response(false, 4, 5, 6)));
        Assert.Equal("7", Told(cursor.Take(Response(false, 6, 7))));
        Assert.Equal(new Revision(8), cursor.Next);
    }

    [Fact]
    public void Trap29_Take_ServerGoesBackInTime_NothingIsToldTwice()
    {
        WatchCursor cursor = new(new Revision(5));
        Assert.Equal("9", Told(cursor.Take(Response(false, 9))));
        Assert.Null(cursor.Take(Response(false, 7)));
        Assert.Equal("11", Told(cursor.Take(Response(false, 11, 10))));
    }

    [Fact]
    public void Take_Fragments_RevisionsStayWhole()
    {
        WatchCursor cursor = new(new Revision(5));
        Assert.Equal("5 5", Told(cursor.Take(Response(true, 5, 5, 6))));
        Assert.Null(cursor.Take(Response(true, 6, 6)));
        WatchBatch? last = cursor.Take(Response(false, 6, 7));
        Assert.Equal("6 6 6 6 7", Told(last));
        Assert.Equal(new Revision(7), last!.Revision);
    }

    [Fact]
    public void Created_ConnectionBrokeBetweenFragments_HalfARevisionComesAgainWhole()
    {
        WatchCursor cursor = new(new Revision(5));
        Assert.Null(cursor.Take(Response(true, 5, 5)));
        Assert.Equal(new Revision(5), cursor.Next);
        cursor.Created(new Revision(9));
        Assert.Equal("5 5 5", Told(cursor.Take(Response(false, 5, 5, 5))));
    }

    [Fact]
    public void Trap31_Take_ProgressOfTheWholeStream_DoesNotMoveTheWatch()
    {
        WatchCursor cursor = new(new Revision(5));
        Assert.Null(cursor.Take(Progress(watch: -1, revision: 9)));
        Assert.Equal(new Revision(5), cursor.Next);
        WatchBatch? own = cursor.Take(Progress(watch: 3, revision: 9));
        Assert.Equal((new Revision(9), 0), (own!.Revision, own.Events.Count));
        Assert.Equal(new Revision(10), cursor.Next);
        Assert.Null(cursor.Take(Progress(watch: 3, revision: 8)));
        Assert.Equal("10", Told(cursor.Take(Response(false, 10))));
    }

    private static string? Told(WatchBatch? batch) => batch is null
        ? null
        : string.Join(' ', batch.Events.Select(change => change.Entry.ModRevision));

    private static WatchResponse Progress(long watch, long revision) =>
        new() { WatchId = watch, Header = new ResponseHeader { Revision = revision } };

    private static WatchResponse Response(bool fragment, params long[] revisions)
    {
        WatchResponse response = new() { Fragment = fragment, Header = new ResponseHeader { Revision = 100 } };
        response.Events.AddRange(revisions.Select(revision => new Event
        {
            Kv = new Lepton.Coordination.Protocol.KeyValue
            {
                Key = ByteString.CopyFromUtf8("k"), ModRevision = revision,
            },
        }));
        return response;
    }
}
