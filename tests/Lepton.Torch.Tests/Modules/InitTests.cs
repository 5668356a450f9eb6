using Lepton.Torch.Modules;
using Lepton.Torch.Tests.Golden;

namespace Lepton.Torch.Tests.Modules;

public sealed class InitTests : TorchTest
{
    private static readonly Dictionary<string, Action<Tensor, Generator?>> s_cases = new()
    {
        ["uniform"] = static (x, generator) => Init.Uniform(x, -2, 3, generator),
        ["normal"] = static (x, generator) => Init.Normal(x, 1, 0.5, generator),
        ["trunc_normal"] = static (x, generator) => Init.TruncatedNormal(x, 0.2, 1.5, -1, 1, generator),
        ["xavier_uniform"] = static (x, generator) => Init.XavierUniform(x, 1.4, generator),
        ["xavier_normal"] = static (x, generator) => Init.XavierNormal(x, 1.4, generator),
        ["kaiming_uniform"] = static (x, generator) => Init.KaimingUniform(x, 0.3, byFanOut: true, generator),
        ["kaiming_normal"] = static (x, generator) => Init.KaimingNormal(x, 0, byFanOut: false, generator),
        ["orthogonal"] = static (x, generator) => Init.Orthogonal(x, 2, generator),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Draw_SameSeed_SameAsPyTorch(string name)
    {
        using GoldenFile golden = GoldenFile.Open("init.safetensors");
        Tensor drawn = Torch.Zeros([4, 3, 2]);
        Tensor again = Torch.Zeros([4, 3, 2]);
        using Generator generator = Generator.FromSeed(7);

        Torch.ManualSeed(7);
        s_cases[name](drawn, null);
        s_cases[name](again, generator);

        golden.Compare(name, drawn);
        Assert.True(drawn.ContentEquals(again));
    }
}
