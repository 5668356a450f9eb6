using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Store;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>Sends the events of one stream's watches. Used by the stream's loop alone.</summary>
internal sealed class WatchEventWriter(
    ServiceCore core, EventEncodings encodings, IRpcServerStream<WatchRequest, WatchResponse> stream)
{
    // Above this a response ends with the revision that it is at.
    private const int ResponseBytesMax = 256 * 1024;

    // Tag and length of the header, its four numbers, the watch's id, the mark of a fragment: at most this.
    private const int HeadBytesMax = 80;
    private readonly byte[] _head = new byte[HeadBytesMax];

    /// <summary>Sends whole revisions: together where they are few, in several responses where they are many.</summary>
    public async ValueTask SendAsync(
        StreamWatch watch, IReadOnlyList<KeyChange> changes, CancellationToken cancellationToken)
    {
        core.Metrics.CountEvents(changes.Count);
        watch.SetBusy();
        if (SizeOf(watch, changes, 0, changes.Count) <= ResponseBytesMax)
        {
            await stream.WriteEncodedAsync(
                Head(watch.Id, changes[^1].Revision, moreFollows: false),
                encodings.Encode(changes, watch.WithPrevious), cancellationToken).ConfigureAwait(false);
            return;
        }

        for (int first = 0; first < changes.Count;)
        {
            int end = EndOfResponse(watch, changes, first);
            await SendPartAsync(watch, changes, first, end, cancellationToken).ConfigureAwait(false);
            first = end;
        }
    }

    private static long SizeOf(StreamWatch watch, IReadOnlyList<KeyChange> changes, int first, int end)
    {
        long bytes = 0;
        for (int i = first; i < end; i++)
        {
            bytes += EventEncodings.SizeOf(changes[i], watch.WithPrevious);
        }

        return bytes;
    }

    /// <summary>As many whole revisions as fit, one at least.</summary>
    private static int EndOfResponse(StreamWatch watch, IReadOnlyList<KeyChange> changes, int first)
    {
        int end = first;
        long bytes = 0;
        while (end < changes.Count)
        {
            int next = end + 1;
            bytes += EventEncodings.SizeOf(changes[end], watch.WithPrevious);
            while (next < changes.Count && changes[next].Revision == changes[end].Revision)
            {
                bytes += EventEncodings.SizeOf(changes[next], watch.WithPrevious);
                next++;
            }

            if (bytes > ResponseBytesMax && end > first)
            {
                return end;
            }

            end = next;
        }

        return end;
    }

    /// <summary>Sends one response, or fragments of it where it is large and the client can join them.</summary>
    private async ValueTask SendPartAsync(
        StreamWatch watch, IReadOnlyList<KeyChange> changes, int first, int end, CancellationToken cancellationToken)
    {
        long revision = changes[end - 1].Revision;
        while (first < end)
        {
            int partEnd = watch.MayFragment ? EndOfFragment(watch, changes, first, end) : end;
            byte[] events = EventEncodings.Encode(changes, first, partEnd - first, watch.WithPrevious);
            await stream.WriteEncodedAsync(Head(watch.Id, revision, partEnd < end), events, cancellationToken)
                .ConfigureAwait(false);
            first = partEnd;
        }
    }

    private int EndOfFragment(StreamWatch watch, IReadOnlyList<KeyChange> changes, int first, int end)
    {
        long bytes = HeadBytesMax + EventEncodings.SizeOf(changes[first], watch.WithPrevious);
        for (int i = first + 1; i < end; i++)
        {
            bytes += EventEncodings.SizeOf(changes[i], watch.WithPrevious);
            if (bytes > core.Options.MessageBytesMax)
            {
                return i;
            }
        }

        return end;
    }

    /// <summary>A response without its events, which are the last field.</summary>
    private ReadOnlyMemory<byte> Head(long id, long revision, bool moreFollows)
    {
        WatchResponse response = new() { Header = core.Header(revision), WatchId = id, Fragment = moreFollows };
        int size = response.CalculateSize();
        response.WriteTo(_head.AsSpan(0, size));
        return _head.AsMemory(0, size);
    }
}
