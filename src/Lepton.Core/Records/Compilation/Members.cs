using System.Reflection;

namespace Lepton.Core.Records.Compilation;

/// <summary>The methods that emitted code calls.</summary>
internal static class Members
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public;

    public static readonly MethodInfo WriteByte = Of(typeof(RecordWriter), nameof(RecordWriter.WriteByte));
    public static readonly MethodInfo WriterEnter = Of(typeof(RecordWriter), nameof(RecordWriter.Enter));
    public static readonly MethodInfo WriterLeave = Of(typeof(RecordWriter), nameof(RecordWriter.Leave));
    public static readonly MethodInfo ReadBoolean = Of(typeof(RecordReader), nameof(RecordReader.ReadBoolean));
    public static readonly MethodInfo ReadTag = Of(typeof(RecordReader), nameof(RecordReader.ReadTag));
    public static readonly MethodInfo ReaderEnter = Of(typeof(RecordReader), nameof(RecordReader.Enter));
    public static readonly MethodInfo ReaderLeave = Of(typeof(RecordReader), nameof(RecordReader.Leave));
    public static readonly MethodInfo GetType_ = Of(typeof(object), nameof(GetType));
    public static readonly MethodInfo MemberwiseClone_ = Of(typeof(object), nameof(MemberwiseClone));

    public static readonly MethodInfo TypeFromHandle =
        typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle), Static, [typeof(RuntimeTypeHandle)])!;

    public static readonly MethodInfo ThrowSubclass =
        typeof(ValueRefusals).GetMethod(nameof(ValueRefusals.ThrowSubclass), Static, [typeof(object), typeof(RuntimeTypeHandle)])!;

    public static MethodInfo LeafWrite(Type leaf) => leaf.GetMethod("Write", Static)!;

    public static MethodInfo LeafRead(Type leaf) => leaf.GetMethod("Read", Static)!;

    public static MethodInfo CodecWrite(Type type) =>
        typeof(RecordCodec<>).MakeGenericType(type).GetMethod(nameof(RecordCodec<int>.Write), Instance)!;

    public static MethodInfo CodecRead(Type type) =>
        typeof(RecordCodec<>).MakeGenericType(type).GetMethod(nameof(RecordCodec<int>.Read), Instance)!;

    private static MethodInfo Of(Type type, string name) => type.GetMethod(name, Instance)!;
}
