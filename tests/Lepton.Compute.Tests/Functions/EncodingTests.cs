using System.Reflection;
using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Functions;

public sealed class EncodingTests
{
    [Fact]
    public void Read_TruncatedAnywhere_Throws()
    {
        byte[] bytes = Worker.Encode(Graph());
        InProcessModules modules = new();
        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            Assert.Throws<CorruptRecordException>(() =>
            {
                RecordReader reader = new(cut);
                new GraphDecoder(modules).Read(ref reader);
            });
        }
    }

    [Fact]
    public void Read_UnknownTag_SaysWhere()
    {
        CorruptRecordException damaged =
            Assert.Throws<CorruptRecordException>(() => Worker.Decode([77], new InProcessModules()));
        Assert.Contains("Tag 77 before byte 1 of a function is unknown", damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_SameGraph_GivesTheSameBytes() => Assert.Equal(Worker.Encode(Graph()), Worker.Encode(Graph()));

    [Fact]
    public void Write_TwoGraphsWithOneEncoder_CanBeReadApart()
    {
        GraphEncoder encoder = new();
        using RecordWriter first = new();
        using RecordWriter second = new();
        int a = 1;
        encoder.Write(first, () => a);
        encoder.Write(second, () => a + 1);
        Assert.Equal(2, ((Func<int>)Worker.Decode(second.WrittenSpan, new InProcessModules())!)());
        Assert.Equal(1, ((Func<int>)Worker.Decode(first.WrittenSpan, new InProcessModules())!)());
    }

    [Fact]
    public void Modules_AfterWrite_AreThoseOfTheProgram()
    {
        GraphEncoder encoder = new();
        using RecordWriter writer = new();
        object captured = new List<FsCheck.Config>();
        encoder.Write(writer, () => captured.GetHashCode());
        Assert.Equal(["Lepton.Compute.Tests", "FsCheck"], encoder.Modules.Select(m => m.SimpleName));
        ModuleReference own = encoder.Modules[0];
        Assert.Equal(typeof(EncodingTests).Module.ModuleVersionId, own.ModuleVersionId);
        Assert.Equal(typeof(EncodingTests).Assembly.Location, own.Location);
    }

    [Fact]
    public void Write_Sendables_KeepTheirRunTimeTypesAndLeaveOutMarkedFields()
    {
        Filter plan = new(new Source([1, 2, 3]), x => x > 1);
        Step copy = Worker.Copy<Step>(plan);
        Assert.IsType<Filter>(copy);
        Assert.Equal([2, 3], copy.Run());
        Assert.Equal(0, copy.Id);
        Assert.Equal([2, 3], (IEnumerable<int>)Call(Worker.SendGraph(plan)!, nameof(Step.Run)));
    }

    [Fact]
    public void Analysis_OfEveryMethodHere_CanFollowTheCode()
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        Assembly[] assemblies =
            [typeof(EncodingTests).Assembly, typeof(GraphEncoder).Assembly, typeof(RecordCodec).Assembly];
        int methods = 0;
        foreach (Assembly assembly in assemblies)
        {
            foreach (Type type in assembly.GetTypes().Where(t => !t.ContainsGenericParameters))
            {
                foreach (MethodInfo method in type.GetMethods(Any).Where(m => !m.IsGenericMethod))
                {
                    methods++;
                    Assert.False(CaptureAnalysis.Run(method, [type]).NeedsWhole(typeof(object)), $"{type}.{method}");
                }
            }
        }

        Assert.True(methods > 300, $"{methods} methods");
    }

    private static object Call(object target, string method) => target.GetType().GetMethod(method)!.Invoke(target, [])!;

    private static object[] Graph()
    {
        int[] items = [1, 2, 3];
        Dictionary<string, object> table = new(StringComparer.OrdinalIgnoreCase)
        {
            ["a"] = 1m,
            ["b"] = typeof(List<int[]>),
        };
        object[,] grid = { { 1, "x" }, { table, items } };
        Func<int, int> inner = x => x + items[0];
        Func<int, string> outer = x => $"{inner(x)} {table["a"]} {grid[0, 1]} {Comparer<int>.Default}";
        Func<IEnumerable<int>, int> sum = Enumerable.Sum;
        return [outer, inner, sum, items];
    }

    internal abstract class Step
    {
        [NotSent]
        private readonly int _id = 7;

        public int Id => _id;

        public abstract int[] Run();
    }

    internal sealed class Source(int[] items) : Step
    {
        public override int[] Run() => items;
    }

    internal sealed class Filter(Step input, Func<int, bool> predicate) : Step
    {
        public override int[] Run() => [.. input.Run().Where(predicate)];
    }
}
