using System.Globalization;

namespace Lepton.Compute.Tests.Functions;

public sealed class MethodTests
{
    [Fact]
    public void Send_MethodGroups_RunThere()
    {
        Assert.Equal(9, Worker.Send<Func<int, int>>(Square)(3));
        Assert.Equal("3;4", Worker.Send<Func<int, string>>(new Scale(4).Name)(3));
        Assert.Equal(12, Worker.Send<Func<int, int>>(new Factor(4).Times)(3));
    }

    [Fact]
    public void Copy_MethodsOfTheFramework_AreFoundBySignature()
    {
        Assert.Equal(3.0, Worker.Copy<Func<double, double>>(Math.Sqrt)(9));
        Assert.Equal(["a", "b"], Worker.Copy<Func<string, string[]>>("a,b".SplitBy)(","));
        Assert.True(Worker.Copy<Func<string, bool>>("abc".Contains)("b"));
        Assert.Equal(3, Worker.Copy<Func<IEnumerable<int>, int>>(Enumerable.Last)([1, 2, 3]));
        Assert.Equal("x", Worker.Copy<Func<string, string>>(string.IsInterned!)("x"));
    }

    [Fact]
    public void Send_ClosedOverFirstArgument_KeepsIt() =>
        Assert.Equal(["a", "b"], Worker.Send<Func<string, string[]>>("a,b".SplitBy)(","));

    [Fact]
    public void Send_GenericMethods_KeepTheirTypeArguments()
    {
        Assert.Equal("Int32", Worker.Send<Func<int, string>>(TypeName)(1));
        Assert.Equal("String,List`1", Worker.Send(Pair<string, List<int>>())());
        Assert.Equal("Decimal 2", Worker.Send(Box<decimal>.Describe(2m))());
        Assert.Equal("Decimal 2 Int32 3", Worker.Send(Box<decimal>.Both(2m, 3))());
        Assert.Equal("4", Worker.Send<Func<string>>(new Box<int>(4).Text)());
    }

    [Fact]
    public void Send_TypesOfTheJobAsArguments_AreItsOwn()
    {
        Func<string> function = Pair<MethodTests, Box<Factor[,]>>();
        Assert.Equal("MethodTests,Box`1", Worker.Send(function)());
        Type type = typeof(Dictionary<Factor, Box<int>[]>);
        Type sent = (Type)Worker.SendGraph(type)!;
        Assert.NotEqual(type, sent);
        Assert.Equal(type.ToString(), sent.ToString());
    }

    [Fact]
    public void Copy_Types_ComeBack()
    {
        Type[] types =
        [
            typeof(int), typeof(int[]), typeof(int[,][]), typeof(List<>), typeof(Dictionary<string, int?>),
            typeof(Dictionary<,>.Enumerator), typeof(MethodTests), typeof(Box<>), typeof(Box<string>), typeof(void),
        ];
        Assert.Equal(types, Worker.Copy(types));
    }

    [Fact]
    public void Send_OpenInstanceMethod_RunsOnItsArgument()
    {
        var method = typeof(string).GetMethod(nameof(string.ToUpperInvariant))!;
        var function = method.CreateDelegate<Func<string, string>>();
        Assert.Equal("AB", Worker.Copy(function)("ab"));
    }

    [Fact]
    public void Send_DefaultInterfaceMethod_RunsThere()
    {
        IDoubles doubles = new Factor(1);
        Assert.Equal(8, Worker.Send<Func<int, int>>(doubles.Double)(4));
    }

    private static int Square(int x) => x * x;

    private static string TypeName<T>(T value) => typeof(T).Name;

    private static Func<string> Pair<TFirst, TSecond>() => () => $"{typeof(TFirst).Name},{typeof(TSecond).Name}";

    private interface IDoubles
    {
        int Double(int x) => x * 2;
    }

    private readonly struct Scale(int by)
    {
        public int By { get; } = by;

        public string Name(int x) => string.Create(CultureInfo.InvariantCulture, $"{x};{By}");
    }

    private sealed class Factor(int by) : IDoubles
    {
        public int Times(int x) => x * by;
    }

    private sealed class Box<T>(T value)
    {
        public string Text() => $"{value}";

        public static Func<string> Describe(T value) => () => $"{typeof(T).Name} {value}";

        public static Func<string> Both<TOther>(T value, TOther other) =>
            () => $"{typeof(T).Name} {value} {typeof(TOther).Name} {other}";
    }
}

internal static class SplitExtensions
{
    public static string[] SplitBy(this string text, string separator) => text.Split(separator);
}
