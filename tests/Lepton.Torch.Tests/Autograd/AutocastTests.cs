using Lepton.Torch.Autograd;
using Lepton.Torch.Modules;
using static Lepton.Torch.Torch;

namespace Lepton.Torch.Tests.Autograd;

/// <summary>Operators in a smaller dtype, and the search for the first that is not finite.</summary>
public sealed class AutocastTests : TorchTest
{
    [Fact]
    public void Autocast_LinearLayer_ComputesInBFloat16AndGradientsAreFloat32()
    {
        using var scope = new TensorScope();
        ManualSeed(1);
        using var layer = new Linear(64, 32);
        Tensor x = Randn([8, 64]);
        Tensor wide = layer.Forward(x);
        Tensor narrow;
        Tensor loss;
        using (Autocast())
        {
            narrow = layer.Forward(x);
            loss = LossFunctions.CrossEntropy(narrow, RandInt(0, 32, [8]));
        }

        loss.Backward();

        Assert.Equal(DType.BFloat16, narrow.DType);
        Assert.Equal(DType.Float32, loss.DType);
        Assert.Equal(DType.Float32, layer.Weight.Value.Grad!.DType);
        Assert.Equal(DType.Float32, layer.Forward(x).DType);
        Assert.InRange((wide - narrow).Abs().Max().ToDouble(), 1e-6, 0.03);
    }

    [Fact]
    public void FindNotFinite_LogOfANegativeNumber_IsNamedAndNotWhatFollows()
    {
        using var scope = new TensorScope();
        Tensor x = Full([2, 3], -1);

        NotFiniteOperator found = FindNotFinite(() => x.Abs().Add(1).Negate().Log().Exp().Sum())!;

        Assert.Equal(("aten::log", "float32[2, 3]"), (found.Name, found.Result));
        Assert.InRange(found.Number, FindNotFinite(() => x.Log())!.Number + 3, 16);
        Assert.Null(FindNotFinite(() => x.Abs().Log()));
    }
}
