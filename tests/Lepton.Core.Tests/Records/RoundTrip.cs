using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Records;

/// <summary>Writes and reads back, and the properties that each kind of value is put to.</summary>
internal static class RoundTrip
{
    public static byte[] Bytes<T>(T value)
    {
        using var writer = new RecordWriter();
        RecordCodec.For<T>().Write(writer, value);
        return writer.WrittenSpan.ToArray();
    }

    public static T From<T>(byte[] bytes)
    {
        var reader = new RecordReader(bytes);
        T value = RecordCodec.For<T>().Read(ref reader);
        Assert.True(reader.End, $"{reader.Remaining} bytes were left after {typeof(T)}.");
        return value;
    }

    public static T Of<T>(T value) => From<T>(Bytes(value));

    /// <summary>Equal by Assert, equal in its bytes, and the same through the codec for objects.</summary>
    public static void Holds<T>(T value)
    {
        byte[] bytes = Bytes(value);
        T back = From<T>(bytes);
        Assert.Equal(value, back);
        Assert.Equal(bytes, Bytes(back));
        Assert.True(bytes.Length >= RecordCodec.For<T>().BytesMin);

        using var writer = new RecordWriter();
        Type type = typeof(T);
        RecordCodec boxed = RecordCodec.For(type);
        boxed.WriteObject(writer, value);
        Assert.Equal(bytes, writer.WrittenSpan.ToArray());
        var reader = new RecordReader(bytes);
        Assert.Equal(value, (T?)boxed.ReadObject(ref reader));
    }

    /// <summary>
    /// The value, as a member, in an array, a list, a tuple, a nullable array: each place has its own code.
    /// </summary>
    public static void HoldsEverywhere<T>(T value)
    {
        // Member by member: tuples and records compare the collections that they hold by reference.
        Holds(value);
        (int, T, string) tuple = (1, value, "end");
        Assert.Equal(value, Of(tuple).Item2);
        Assert.Equal(Bytes(tuple), Bytes(Of(tuple)));
        var box = new Box<T>(value);
        Assert.Equal(value, Of(box).Value);
        Assert.Equal(Bytes(box), Bytes(Of(box)));
        Holds(new[] { value, value });
        Holds(new List<T> { value, value });
        Holds<IReadOnlyList<T>>(new[] { value });
        Holds(new Dictionary<string, T> { ["a"] = value, [""] = value });
    }

    public static void ForAll<T>(Gen<T> values, Action<T> check, int count = 100) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count),
            Prop.ForAll(values.ToArbitrary(), check));

    public static void ForAll<T>(Gen<T> values) => ForAll(values, HoldsEverywhere, 30);

    internal sealed record Box<T>(T Value);
}
