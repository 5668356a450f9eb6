using System.Text.Json;

namespace Lepton.Compute.Events;

/// <summary>
/// The log's lines on their way to its file. After a failed write the file is cut back to the last whole line, so that
/// what is read later is whole. Not thread safe: it belongs to the thread of <see cref="EventLogWriter"/>.
/// </summary>
internal sealed class EventLogFile : IDisposable
{
    private const int BatchBytes = 256 * 1024;
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly EventLineBuffer _lines = new(BatchBytes + (BatchBytes / 4));
    private readonly Utf8JsonWriter _json;
    private long _wholeBytes;
    private long _eventsInBuffer;
    private long _gap;
    private long _gapInBuffer;
    private string _gapReason = "";
    private bool _mustCut;

    /// <summary>Takes ownership of <paramref name="stream"/>, which must be empty.</summary>
    public EventLogFile(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _json = new Utf8JsonWriter(_lines, JobEventSerializer.WriterOptions);
    }

    /// <summary>Events that never reached the file.</summary>
    public long Lost { get; private set; }

    /// <summary>Why the first of them was lost; null while none was.</summary>
    public string? FirstLoss { get; private set; }

    /// <summary>Writes a batch and everything before it through to the operating system.</summary>
    public void Write(List<JobEvent> batch)
    {
        foreach (JobEvent jobEvent in batch)
        {
            Add(jobEvent);
            if (_lines.Length >= BatchBytes)
            {
                Flush();
            }
        }

        Flush();
    }

    /// <summary>Counts events that were dropped before they came here.</summary>
    public void CountLost(long count, string reason)
    {
        Lost += count;
        _gap += count;
        _gapReason = reason;
        FirstLoss ??= reason;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NoteGap();
        Flush();
        _json.Dispose();
        try
        {
            _stream.Dispose();
        }
        catch (IOException e)
        {
            CountLost(0, e.Message);
        }
    }

    private void Add(JobEvent jobEvent)
    {
        NoteGap();
        Append(jobEvent);
    }

    private void Append(JobEvent jobEvent)
    {
        int start = _lines.Length;
        _json.Reset();
        try
        {
            JobEventSerializer.Write(_json, jobEvent);
            _json.Flush();
            _lines.Append((byte)'\n');
            _eventsInBuffer++;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException)
        {
            // One event with text that is not Unicode must not cost the others their place.
            _lines.Truncate(start);
            CountLost(1, $"{jobEvent.GetType().Name} can't be written as JSON: {e.Message}");
        }
    }

    private void NoteGap()
    {
        if (_gap > 0)
        {
            long count = _gap;
            _gap = 0;
            Append(new EventsLost(_time.GetUtcNow(), count, _gapReason));
            _eventsInBuffer--;
            _gapInBuffer += count;
        }
    }

    private void Flush()
    {
        if (_lines.Length == 0)
        {
            return;
        }

        try
        {
            CutBack();
            _stream.Write(_lines.Written);
            _stream.Flush();
            _wholeBytes += _lines.Length;
        }
        catch (IOException e)
        {
            _mustCut = true;
            _gap += _gapInBuffer;
            CountLost(_eventsInBuffer, e.Message);
        }

        _eventsInBuffer = 0;
        _gapInBuffer = 0;
        _lines.Truncate(0);
    }

    private void CutBack()
    {
        if (_mustCut && _stream.CanSeek)
        {
            _stream.SetLength(_wholeBytes);
            _stream.Position = _wholeBytes;
            _mustCut = false;
        }
    }
}
