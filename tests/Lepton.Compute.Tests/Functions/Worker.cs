using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Functions;

/// <summary>
/// What a worker does with a function, without the process: encodes it here, decodes it in a load context that has a
/// copy of its own of this assembly, and hands it back. Its types are not ours, so only results of the framework's
/// types can be compared.
/// </summary>
internal static class Worker
{
    /// <summary>The function as a worker holds it.</summary>
    public static TDelegate Send<TDelegate>(TDelegate function)
        where TDelegate : Delegate
    {
        TDelegate sent = (TDelegate)SendGraph(function)!;
        Assert.NotSame(function.Method.Module, sent.Method.Module);
        return sent;
    }

    /// <summary>Any graph as a worker holds it.</summary>
    public static object? SendGraph(object? root) =>
        Decode(Encode(root), new JobLoadContext(AppContext.BaseDirectory));

    /// <summary>A graph that was encoded and decoded in this process.</summary>
    public static T Copy<T>(T root) => (T)Decode(Encode(root), new InProcessModules())!;

    public static byte[] Encode(object? root)
    {
        using RecordWriter writer = new();
        new GraphEncoder().Write(writer, root);
        return writer.WrittenSpan.ToArray();
    }

    public static object? Decode(ReadOnlySpan<byte> bytes, IModuleResolver modules)
    {
        RecordReader reader = new(bytes);
        object? root = new GraphDecoder(modules).Read(ref reader);
        Assert.True(reader.End);
        return root;
    }

    public static UnsendableException Refuse(object root)
    {
        using RecordWriter writer = new();
        UnsendableException refused = Assert.Throws<UnsendableException>(() => new GraphEncoder().Write(writer, root));
        Assert.Equal(0, writer.Length);
        return refused;
    }
}
