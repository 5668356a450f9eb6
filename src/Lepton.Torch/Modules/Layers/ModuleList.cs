using System.Collections;
using System.Globalization;

namespace Lepton.Torch.Modules;

/// <summary>
/// Modules in a list that grows: PyTorch's <c>nn.ModuleList</c>. In the state they are called 0, 1, ... An array of
/// modules in a field does as well.
/// </summary>
/// <typeparam name="T">The kind of modules.</typeparam>
public sealed class ModuleList<T> : Module, IReadOnlyList<T>
    where T : Module
{
    // Registered one by one, under their places alone.
    [NotState]
    private readonly List<T> _modules = [];

    /// <summary>Makes a list of modules.</summary>
    public ModuleList(params IEnumerable<T> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (T module in modules)
        {
            Add(module);
        }
    }

    /// <summary>How many modules there are.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a place.</summary>
    public T this[int index] => _modules[index];

    /// <summary>Adds a module, called by its place.</summary>
    public void Add(T module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Register(_modules.Count.ToString(CultureInfo.InvariantCulture), module);
        _modules.Add(module);
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
