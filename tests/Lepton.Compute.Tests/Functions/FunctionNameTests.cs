using Lepton.Compute.Functions;

namespace Lepton.Compute.Tests.Functions;

public sealed class FunctionNameTests
{
    private readonly Func<int> _ofConstructor = () => 1;

    private static Func<int> OfProperty => () => 1;

    [Fact]
    public void Describe_Functions_SaysWhereTheyStand()
    {
        const string Here = "lambda in FunctionNameTests.Describe_Functions_SaysWhereTheyStand";
        int captured = 1;
        Assert.Equal(Here, FunctionName.Describe(() => captured));
        Assert.Equal(Here, FunctionName.Describe(() => 1));
        Func<Func<int>> outer = () => () => captured;
        Assert.Equal(Here, FunctionName.Describe(outer()));
        Assert.Equal(
            "local function Local in FunctionNameTests.Describe_Functions_SaysWhereTheyStand",
            FunctionName.Describe(Local));
        Assert.Equal(Here, FunctionName.Describe(LambdaOfLocal()));
        Assert.Equal("FunctionNameTests.Method", FunctionName.Describe(Method));
        Assert.Equal("lambda in FunctionNameTests.OfProperty", FunctionName.Describe(OfProperty));
        Assert.Equal("lambda in the constructor of FunctionNameTests", FunctionName.Describe(_ofConstructor));
        Assert.Equal("Math.Abs", FunctionName.Describe((Func<int, int>)Math.Abs));
        Assert.Equal("lambda in FunctionNameTests.Generic<Int32>.Make", FunctionName.Describe(Generic<int>.Make("x")));

        int Local() => captured;
        Func<int> LambdaOfLocal() => () => captured + 1;
    }

    private static int Method() => 1;

    private static class Generic<T>
    {
        public static Func<string> Make<TOther>(TOther other) => () => $"{other} {typeof(T)}";
    }
}
