using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>What every task of a stage runs, one partition each.</summary>
internal abstract class StageProgram
{
    /// <summary>Compiles the codecs that its tasks will need, so that a type that can't be coded is refused before
    /// anything runs.</summary>
    public abstract void CheckTypes();

    /// <summary>Computes the partition of <paramref name="context"/> and writes its result.</summary>
    public abstract void Run(TaskContext context, RecordWriter result);
}
