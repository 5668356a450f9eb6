namespace Lepton.Torch.Modules;

/// <summary>A module with all that is below it, listed in PyTorch's order: each module before its children.</summary>
internal sealed class ModuleTree
{
    private readonly List<(string Name, Module Module)> _path = [];

    private ModuleTree()
    {
    }

    /// <summary>All modules with their paths; one that is there twice is listed twice.</summary>
    public List<NamedModule> Modules { get; } = [];

    /// <summary>
    /// All parameters (<see cref="Parameter"/>) and buffers with their paths, shared ones by each of them.
    /// </summary>
    public List<(string Name, object Value)> Tensors { get; } = [];

    /// <exception cref="InvalidOperationException">A module is below itself, or names clash.</exception>
    public static ModuleTree Of(Module root)
    {
        var tree = new ModuleTree();
        tree.Visit("", root);
        return tree;
    }

    private void Visit(string path, Module module)
    {
        if (_path.Find(above => ReferenceEquals(above.Module, module)) is { Module: not null } same)
        {
            throw new InvalidOperationException(
                $"The module {path} is also the module above it, '{same.Name}'. A module that needs the one that " +
                "holds it must not keep it in a field; pass it to Forward.");
        }

        _path.Add((path, module));
        Modules.Add(new NamedModule(path, module));
        List<(string Name, object Value)> members = ModuleMembers.Of(module);
        string prefix = path.Length == 0 ? "" : path + ".";
        AddTensors<Parameter>(prefix, members);
        AddTensors<ModuleBuffer>(prefix, members);
        foreach ((string name, object value) in members)
        {
            if (value is Module child)
            {
                Visit(prefix + name, child);
            }
        }

        _path.RemoveAt(_path.Count - 1);
    }

    private void AddTensors<T>(string prefix, List<(string Name, object Value)> members)
    {
        foreach ((string name, object value) in members)
        {
            if (value is T)
            {
                Tensors.Add((prefix + name, value));
            }
        }
    }
}
