using System.Linq.Expressions;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Tests.Functions;

public sealed class IdentityFunctionTests
{
    [Fact]
    public void Is_FunctionsThatGiveBackTheirArgument_SaysSo()
    {
        Assert.True(IdentityFunction.Is<int, int>(number => number));
        Assert.True(IdentityFunction.Is<string, string>(static text => text));
        Assert.True(IdentityFunction.Is<int, int>(Same));

        static int Same(int number) => number;
    }

    [Fact]
    public void Is_OtherFunctions_DeniesIt()
    {
        int captured = 1;
        Assert.False(IdentityFunction.Is<int, int>(number => number + 1));
        Assert.False(IdentityFunction.Is<int, int>(_ => captured));
        Assert.False(IdentityFunction.Is<string, object>(text => text));
        Assert.False(IdentityFunction.Is<int, int>(Math.Abs));

        // Made at run time, it shows no code.
        Expression<Func<int, int>> expression = number => number;
        Assert.False(IdentityFunction.Is(expression.Compile()));
    }
}
