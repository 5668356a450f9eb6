using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lepton.Compute.Formats;

/// <summary>
/// Cuts a record into fields. Records without quotes, the usual ones, go through a vectorised search for delimiters and
/// the line end; others byte run by byte run. The rules for quotes are those of <see cref="CsvBorders"/>, to the
/// letter.
/// </summary>
internal sealed class CsvTokenizer(CsvDialect dialect)
{
    private readonly byte _delimiter = dialect.Delimiter;
    private readonly byte _quote = dialect.Quote;
    private FieldRange[] _fields = new FieldRange[64];
    private int _count;

    internal readonly record struct FieldRange(int Start, int End, bool IsQuoted, bool HasDoubledQuotes);

    /// <summary>
    /// The fields of the record that was cut last, with quotes stripped; doubled quotes are undone in the buffer.
    /// </summary>
    public ReadOnlySpan<FieldRange> Fields => _fields.AsSpan(0, _count);

    public CsvFault Fault { get; private set; }

    /// <summary>The field that <see cref="Fault"/> is about.</summary>
    public int FaultyField { get; private set; }

    /// <summary>
    /// Cuts the record at <paramref name="start"/>. False when the buffer ends before it does and the file may go on;
    /// then nothing in the buffer was changed.
    /// </summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="start">Where the record starts; there is at least one byte.</param>
    /// <param name="end">Where the bytes end.</param>
    /// <param name="isFileEnd">Whether they end the file.</param>
    /// <param name="next">Where the next record starts.</param>
    public bool TryCut(byte[] buffer, int start, int end, bool isFileEnd, out int next)
    {
        Fault = CsvFault.None;
        _count = 0;
        PlainResult plain = CutPlain(buffer, start, end, out next);
        if (plain == PlainResult.HasQuote)
        {
            _count = 0;
            return TryCutQuoted(buffer, start, end, isFileEnd, out next);
        }

        if (plain == PlainResult.Incomplete && !isFileEnd)
        {
            return false;
        }

        if (dialect.Trims)
        {
            foreach (ref FieldRange field in _fields.AsSpan(0, _count))
            {
                field = Trim(buffer, field);
            }
        }

        return true;
    }

    private enum PlainResult
    {
        Complete,
        Incomplete,
        HasQuote,
    }

    private PlainResult CutPlain(byte[] buffer, int start, int end, out int next)
    {
        ref byte origin = ref MemoryMarshal.GetArrayDataReference(buffer);
        int fieldStart = start;
        int at = start;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<byte> delimiters = Vector128.Create(_delimiter);
            Vector128<byte> quotes = Vector128.Create(_quote);
            Vector128<byte> lineEnds = Vector128.Create((byte)'\n');
            for (; at + Vector128<byte>.Count <= end; at += Vector128<byte>.Count)
            {
                var bytes = Vector128.LoadUnsafe(ref origin, (nuint)at);
                Vector128<byte> matches = Vector128.Equals(bytes, delimiters)
                    | Vector128.Equals(bytes, quotes)
                    | Vector128.Equals(bytes, lineEnds);
                uint found = matches.ExtractMostSignificantBits();
                for (; found != 0; found &= found - 1)
                {
                    int place = at + BitOperations.TrailingZeroCount(found);
                    if (Unsafe.Add(ref origin, place) == _delimiter)
                    {
                        Add(fieldStart, place);
                        fieldStart = place + 1;
                        continue;
                    }

                    return EndPlain(buffer, fieldStart, place, out next);
                }
            }
        }

        return CutPlainScalar(buffer, fieldStart, at, end, out next);
    }

    /// <summary>The scalar twin: the last bytes of a buffer, and machines without vectors.</summary>
    private PlainResult CutPlainScalar(byte[] buffer, int fieldStart, int at, int end, out int next)
    {
        for (; at < end; at++)
        {
            byte value = buffer[at];
            if (value == _delimiter)
            {
                Add(fieldStart, at);
                fieldStart = at + 1;
            }
            else if (value == '\n' || value == _quote)
            {
                return EndPlain(buffer, fieldStart, at, out next);
            }
        }

        Add(fieldStart, end);
        next = end;
        return PlainResult.Incomplete;
    }

    private PlainResult EndPlain(byte[] buffer, int fieldStart, int place, out int next)
    {
        next = place + 1;
        if (buffer[place] != '\n')
        {
            return PlainResult.HasQuote;
        }

        Add(fieldStart, place > fieldStart && buffer[place - 1] == '\r' ? place - 1 : place);
        return PlainResult.Complete;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(int start, int end)
    {
        FieldRange[] fields = _fields;
        int count = _count;
        if ((uint)count >= (uint)fields.Length)
        {
            fields = Grow();
        }

        fields[count] = new FieldRange(start, end, IsQuoted: false, HasDoubledQuotes: false);
        _count = count + 1;
    }

    private FieldRange[] Grow()
    {
        Array.Resize(ref _fields, _fields.Length * 2);
        return _fields;
    }

    private bool TryCutQuoted(byte[] buffer, int start, int end, bool isFileEnd, out int next)
    {
        int fieldStart = start;
        while (true)
        {
            int open = dialect.Trims ? SkipSpaces(buffer, fieldStart, end) : fieldStart;
            bool isQuoted = open < end && buffer[open] == _quote;
            int stop = isQuoted ? CutQuotedField(buffer, open, end, isFileEnd)
                : EndOfField(buffer, fieldStart, end, isFileEnd);
            if (stop < 0)
            {
                next = start;
                return false;
            }

            bool endsLine = stop < end && buffer[stop] == '\n';
            if (!isQuoted)
            {
                Add(fieldStart, endsLine && stop > fieldStart && buffer[stop - 1] == '\r' ? stop - 1 : stop);
                _fields[_count - 1] = dialect.Trims ? Trim(buffer, _fields[_count - 1]) : _fields[_count - 1];
            }

            if (endsLine || stop == end)
            {
                next = endsLine ? stop + 1 : end;
                UndoubleQuotes(buffer);
                return true;
            }

            fieldStart = stop + 1;
        }
    }

    /// <summary>
    /// Adds the field that opens at <paramref name="open"/>; returns where it stops, or -1 when that is not here yet.
    /// </summary>
    private int CutQuotedField(byte[] buffer, int open, int end, bool isFileEnd)
    {
        int close = open + 1;
        bool hasDoubled = false;
        while (true)
        {
            int found = buffer.AsSpan(close, end - close).IndexOf(_quote);
            if (found < 0)
            {
                AddFaulty(CsvFault.UnclosedQuote, open, end);
                return isFileEnd ? end : -1;
            }

            close += found;
            if (close + 1 == end && !isFileEnd)
            {
                return -1;
            }

            if (close + 1 == end || buffer[close + 1] != _quote)
            {
                break;
            }

            hasDoubled = true;
            close += 2;
        }

        int stop = EndOfField(buffer, close + 1, end, isFileEnd);
        if (stop < 0)
        {
            return -1;
        }

        ReadOnlySpan<byte> behind = buffer.AsSpan(close + 1, stop - close - 1);
        bool isLineEnd = stop < end && buffer[stop] == '\n' && behind.EndsWith("\r"u8);
        behind = isLineEnd ? behind[..^1] : behind;
        if (behind.IsEmpty || (dialect.Trims && behind.IndexOfAnyExcept(dialect.Spaces) < 0))
        {
            Add(open + 1, close);
            _fields[_count - 1] = new FieldRange(open + 1, close, IsQuoted: true, hasDoubled);
        }
        else
        {
            AddFaulty(CsvFault.TextAfterQuote, open, stop);
        }

        return stop;
    }

    private void AddFaulty(CsvFault fault, int start, int end)
    {
        if (Fault == CsvFault.None)
        {
            (Fault, FaultyField) = (fault, _count);
        }

        Add(start, end);
    }

    /// <summary>
    /// The place of the delimiter or line end from <paramref name="at"/> on; the file's end; or -1 when it is not here
    /// yet.
    /// </summary>
    private int EndOfField(byte[] buffer, int at, int end, bool isFileEnd)
    {
        int found = buffer.AsSpan(at, end - at).IndexOfAny(_delimiter, (byte)'\n');
        if (found >= 0)
        {
            return at + found;
        }

        return isFileEnd ? end : -1;
    }

    private int SkipSpaces(byte[] buffer, int at, int end)
    {
        int found = buffer.AsSpan(at, end - at).IndexOfAnyExcept(dialect.Spaces);
        return found < 0 ? end : at + found;
    }

    private FieldRange Trim(byte[] buffer, FieldRange field)
    {
        int start = SkipSpaces(buffer, field.Start, field.End);
        int last = buffer.AsSpan(start, field.End - start).LastIndexOfAnyExcept(dialect.Spaces);
        return field with { Start = start, End = start + last + 1 };
    }

    private void UndoubleQuotes(byte[] buffer)
    {
        foreach (ref FieldRange field in _fields.AsSpan(0, _count))
        {
            if (!field.HasDoubledQuotes)
            {
                continue;
            }

            int to = field.Start;
            for (int from = field.Start; from < field.End; from++)
            {
                buffer[to++] = buffer[from];
                from += buffer[from] == _quote ? 1 : 0;
            }

            field = field with { End = to };
        }
    }
}
