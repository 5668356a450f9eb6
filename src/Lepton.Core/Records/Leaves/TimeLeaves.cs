namespace Lepton.Core.Records.Leaves;

/// <summary>Ticks in the lower 62 bits, the kind above. A local time stays the same clock reading in another time zone.</summary>
internal readonly struct DateTimeLeaf : ILeaf<DateTime>
{
    private const int KindShift = 62;

    public static void Write(RecordWriter writer, DateTime value) =>
        writer.WriteFixed64((ulong)value.Ticks | ((ulong)value.Kind << KindShift));

    public static DateTime Read(ref RecordReader reader)
    {
        ulong raw = reader.ReadFixed64();
        ulong ticks = raw & ((1UL << KindShift) - 1);
        ulong kind = raw >> KindShift;
        if (ticks > (ulong)DateTime.MaxValue.Ticks || kind > (ulong)DateTimeKind.Local)
        {
            NumberRange.Throw(ref reader, raw, nameof(DateTime));
        }

        return new DateTime((long)ticks, (DateTimeKind)kind);
    }
}

/// <summary>The clock's ticks, then the offset in minutes.</summary>
internal readonly struct DateTimeOffsetLeaf : ILeaf<DateTimeOffset>
{
    private const long OffsetMinutesMax = 14 * 60;

    public static void Write(RecordWriter writer, DateTimeOffset value)
    {
        writer.WriteFixed64((ulong)value.Ticks);
        writer.WriteVarInt64(value.TotalOffsetMinutes);
    }

    public static DateTimeOffset Read(ref RecordReader reader)
    {
        ulong ticks = reader.ReadFixed64();
        long minutes = reader.ReadVarInt64();
        if (ticks > (ulong)DateTime.MaxValue.Ticks || minutes is < -OffsetMinutesMax or > OffsetMinutesMax)
        {
            NumberRange.Throw(ref reader, ticks, nameof(DateTimeOffset));
        }

        long utc = (long)ticks - (minutes * TimeSpan.TicksPerMinute);
        if ((ulong)utc > (ulong)DateTime.MaxValue.Ticks)
        {
            NumberRange.Throw(ref reader, utc, nameof(DateTimeOffset));
        }

        return new DateTimeOffset((long)ticks, TimeSpan.FromMinutes(minutes));
    }
}

internal readonly struct DateOnlyLeaf : ILeaf<DateOnly>
{
    public static void Write(RecordWriter writer, DateOnly value) => writer.WriteVarUInt64((uint)value.DayNumber);

    public static DateOnly Read(ref RecordReader reader)
    {
        ulong day = reader.ReadVarUInt64();
        if (day > (ulong)DateOnly.MaxValue.DayNumber)
        {
            NumberRange.Throw(ref reader, day, nameof(DateOnly));
        }

        return DateOnly.FromDayNumber((int)day);
    }
}

internal readonly struct TimeOnlyLeaf : ILeaf<TimeOnly>
{
    public static void Write(RecordWriter writer, TimeOnly value) => writer.WriteVarUInt64((ulong)value.Ticks);

    public static TimeOnly Read(ref RecordReader reader)
    {
        ulong ticks = reader.ReadVarUInt64();
        if (ticks > (ulong)TimeOnly.MaxValue.Ticks)
        {
            NumberRange.Throw(ref reader, ticks, nameof(TimeOnly));
        }

        return new TimeOnly((long)ticks);
    }
}

internal readonly struct TimeSpanLeaf : ILeaf<TimeSpan>
{
    public static void Write(RecordWriter writer, TimeSpan value) => writer.WriteFixed64((ulong)value.Ticks);

    public static TimeSpan Read(ref RecordReader reader) => new((long)reader.ReadFixed64());
}
