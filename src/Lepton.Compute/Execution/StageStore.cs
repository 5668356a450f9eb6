using Lepton.Compute.Protocol;

namespace Lepton.Compute.Execution;

/// <summary>What an executor was told of the stages in hand. Thread safe.</summary>
internal sealed class StageStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, StageProgramMessage> _programs = [];
    private readonly Dictionary<int, StageInputs> _inputs = [];

    public void SetProgram(StageProgramMessage program)
    {
        lock (_lock)
        {
            _programs[program.Stage] = program;
        }
    }

    public void SetInputs(StageInputs inputs)
    {
        lock (_lock)
        {
            _inputs[inputs.Stage] = inputs;
        }
    }

    public bool Contains(int stage)
    {
        lock (_lock)
        {
            return _programs.ContainsKey(stage);
        }
    }

    public void Remove(int stage)
    {
        lock (_lock)
        {
            _programs.Remove(stage);
            _inputs.Remove(stage);
        }
    }

    public (StageProgramMessage Program, IReadOnlyList<ShuffleLocations> Inputs) Get(int stage)
    {
        lock (_lock)
        {
            if (!_programs.TryGetValue(stage, out StageProgramMessage? program))
            {
                throw new InvalidOperationException($"A task of stage {stage} came before the stage's program.");
            }

            return (program, _inputs.TryGetValue(stage, out StageInputs? inputs) ? [.. inputs.Shuffles] : []);
        }
    }
}
