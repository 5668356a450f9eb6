using Lepton.Torch.Modules;

namespace Lepton.Torch.Tests.Golden;

/// <summary>A module as the golden files' script makes and calls it.</summary>
/// <param name="Make">Makes it, drawing its weights.</param>
/// <param name="Call">Calls it; its outputs in PyTorch's order.</param>
internal sealed record ModuleCase(Func<Module> Make, Func<Module, Tensor[], Tensor[]> Call)
{
    /// <summary>A module of one tensor.</summary>
    public static ModuleCase Of(Func<Module<Tensor, Tensor>> make) =>
        new(make, static (module, inputs) => [((Module<Tensor, Tensor>)module).Forward(inputs[0])]);

    /// <summary>A module that is used, not trained.</summary>
    public static ModuleCase Evaluated(Func<Module<Tensor, Tensor>> make) =>
        Of(() => (Module<Tensor, Tensor>)make().Eval());

    /// <summary>A module of some kind, called in a way of its own.</summary>
    public static ModuleCase Of<T>(Func<T> make, Func<T, Tensor[], Tensor[]> call)
        where T : Module => new(make, (module, inputs) => call((T)module, inputs));
}
