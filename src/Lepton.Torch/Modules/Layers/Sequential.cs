using System.Collections;
using System.Globalization;

namespace Lepton.Torch.Modules;

/// <summary>
/// Modules one behind the other: PyTorch's <c>nn.Sequential</c>. In the state they are called 0, 1, ..., or by names of
/// their own: <c>new Sequential { { "fc", new Linear(2, 3) }, { "act", new ReLU() } }</c>.
/// </summary>
public sealed class Sequential : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    private readonly List<(string Name, Module<Tensor, Tensor> Module)> _stages = [];

    /// <summary>Makes a sequence of modules.</summary>
    public Sequential(params IEnumerable<Module<Tensor, Tensor>> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (Module<Tensor, Tensor> module in modules)
        {
            Add(module);
        }
    }

    /// <summary>How many modules there are.</summary>
    public int Count => _stages.Count;

    /// <summary>The module at a place.</summary>
    public Module<Tensor, Tensor> this[int index] => _stages[index].Module;

    /// <summary>Adds a module, called by its place.</summary>
    public void Add(Module<Tensor, Tensor> module) =>
        Add(_stages.Count.ToString(CultureInfo.InvariantCulture), module);

    /// <summary>Adds a module with a name of its own.</summary>
    public void Add(string name, Module<Tensor, Tensor> module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Register(name, module);
        _stages.Add((name, module));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Tensor value = input;
        foreach ((string _, Module<Tensor, Tensor> module) in _stages)
        {
            value = module.Forward(value);
        }

        return value;
    }

    /// <inheritdoc/>
    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() =>
        _stages.Select(static stage => stage.Module).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
