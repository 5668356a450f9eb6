using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>
/// Decodes what a <see cref="GraphEncoder"/> wrote, with the types and methods that <paramref name="modules"/> finds.
/// Objects are filled field by field: no constructor runs, and no finalizer will. Fields that no function reads have
/// their type's default value. Thread safe as far as <paramref name="modules"/> is.
/// </summary>
internal sealed class GraphDecoder(IModuleResolver modules)
{
    /// <summary>Reads one graph.</summary>
    /// <exception cref="CorruptRecordException">The bytes are cut off or damaged.</exception>
    /// <exception cref="ModuleMismatchException">This process has another build of the program, or none.</exception>
    public object? Read(ref RecordReader reader) =>
        new GraphReader(new TypeReader(modules)).ReadValue(ref reader, typeof(object), created: null);
}
