using System.Reflection;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>
/// Encodes object graphs that hold functions: what a <see cref="GraphDecoder"/> in another process, which has the same
/// build output, makes the same graph of. Objects keep their identity within one graph; of closures, only those fields
/// go that the functions in the graph read. One encoder may write many graphs, one after the other; it keeps what it
/// learns about types and functions. Not thread safe.
/// </summary>
internal sealed class GraphEncoder
{
    private readonly SendRules _rules = new();
    private readonly CaptureAnalyses _analyses = new();
    private readonly HashSet<Assembly> _known = [];
    private readonly List<ModuleReference> _modules = [];

    /// <summary>
    /// The assemblies of the program, but for the framework's, that all graphs so far refer to, in the order met.
    /// </summary>
    public IReadOnlyList<ModuleReference> Modules => _modules;

    /// <summary>Appends a graph.</summary>
    /// <exception cref="UnsendableException">Something in it can't be sent; nothing was written.</exception>
    public void Write(RecordWriter writer, object? root)
    {
        using CaptureSurvey survey = new(_rules, _analyses);
        survey.Visit(root, PathStep.Root);
        TypeWriter types = new(writer, AddModule);
        new GraphWriter(writer, types, _rules, survey).WriteValue(root, typeof(object));
    }

    private void AddModule(Assembly assembly)
    {
        if (_known.Add(assembly))
        {
            string name = assembly.GetName().Name!;
            _modules.Add(new ModuleReference(name, assembly.ManifestModule.ModuleVersionId, assembly.Location));
        }
    }
}
