using Lepton.Torch.Modules;

namespace Lepton.Torch.Tests.Golden;

/// <summary>The modules of tests/golden/torch_modules.py, by the same names.</summary>
internal static class ModuleCases
{
    public static IReadOnlyDictionary<string, ModuleCase> All { get; } = new Dictionary<string, ModuleCase>
    {
        ["linear"] = ModuleCase.Of(() => new Linear(5, 3)),
        ["linear_without_bias"] = ModuleCase.Of(() => new Linear(5, 3, hasBias: false)),
        ["sequential"] = ModuleCase.Of(() => Mlp()),
    };

    public static Sequential Mlp() => new(new Linear(6, 8), new ReLU(), new Linear(8, 3));
}
