using System.Buffers;
using System.Collections;
using System.Text.Json;

namespace Lepton.Compute.Events;

/// <summary>
/// Reads an event log from its first line to its last, one event at a time; memory does not grow with the log. A log
/// that is still being written can be read. Not thread safe.
/// </summary>
/// <param name="path">The log.</param>
/// <param name="lenient">Pass over damaged lines and count them, instead of stopping at the first.</param>
public sealed class EventLogReader(string path, bool lenient = false) : IEnumerable<JobEvent>
{
    private const int BufferBytes = 128 * 1024;
    private const int LineBytesMax = 256 * 1024 * 1024;

    /// <summary>
    /// Whether the last line was cut short, as when the driver is killed while it writes. Known when all was read.
    /// </summary>
    public bool IsTorn { get; private set; }

    /// <summary>Damaged lines passed over; 0 unless lenient. Known when all was read.</summary>
    public long DamagedLines { get; private set; }

    /// <summary>
    /// Reads a log strictly; see <see cref="EventLogReader"/> to learn of a torn end or to be lenient.
    /// </summary>
    public static IEnumerable<JobEvent> Read(string path) => new EventLogReader(path);

    /// <summary>Starts at the first line.</summary>
    /// <exception cref="EventLogException">
    /// The log is missing or can't be read; or, unless lenient, a line before the last is damaged.
    /// </exception>
    public IEnumerator<JobEvent> GetEnumerator()
    {
        IsTorn = false;
        DamagedLines = 0;
        using FileStream file = Open();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long lineNumber = 0;
            int length = 0;
            int read;
            do
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, lineNumber + 1);
                }

                int searched = length;
                read = Fill(file, buffer.AsSpan(length));
                length += read;
                int start = 0;
                int end;
                while ((end = buffer.AsSpan(searched, length - searched).IndexOf((byte)'\n')) >= 0)
                {
                    lineNumber++;
                    JobEvent? jobEvent = Parse(buffer.AsSpan(start, searched + end - start), lineNumber, false);
                    start = searched + end + 1;
                    searched = start;
                    if (jobEvent is not null)
                    {
                        yield return jobEvent;
                    }
                }

                buffer.AsSpan(start, length - start).CopyTo(buffer);
                length -= start;
            }
            while (read > 0);

            if (Parse(buffer.AsSpan(0, length), lineNumber + 1, true) is JobEvent last)
            {
                yield return last;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private FileStream Open()
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EventLogException(
                $"There is no event log at '{path}'. LeptonSession.EventLogPath tells where a session's is.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EventLogException(
                $"The event log '{path}' can't be read: {e.Message} It must be a file that you may read.", e);
        }
    }

    private int Fill(FileStream file, Span<byte> room)
    {
        try
        {
            return file.Read(room);
        }
        catch (IOException e)
        {
            throw new EventLogException($"Reading the event log '{path}' failed: {e.Message} Try again.", e);
        }
    }

    private byte[] Grow(byte[] buffer, long lineNumber)
    {
        if (buffer.Length >= LineBytesMax)
        {
            throw new EventLogException(
                $"Line {lineNumber:N0} of '{path}' is longer than {LineBytesMax:N0} bytes. " +
                "An event log has one short JSON object a line; is this another file?");
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private JobEvent? Parse(ReadOnlySpan<byte> line, long lineNumber, bool isTail)
    {
        if (line.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        try
        {
            return JobEventSerializer.Parse(line);
        }
        catch (JsonException) when (isTail)
        {
            IsTorn = true;
        }
        catch (JsonException) when (lenient)
        {
            DamagedLines++;
        }
        catch (JsonException e)
        {
            string hint = lineNumber == 1
                ? "Is this an event log? Each of its lines is a JSON object that starts with {\"event\":."
                : "Read it leniently to pass over damaged lines and count them.";
            throw new EventLogException($"Line {lineNumber:N0} of '{path}' is damaged: {e.Message} {hint}", e);
        }

        return null;
    }
}
