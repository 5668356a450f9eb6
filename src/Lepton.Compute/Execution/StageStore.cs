using Lepton.Compute.Protocol;

namespace Lepton.Compute.Execution;

/// <summary>What an executor was told of the stages in hand. Thread safe.</summary>
internal sealed class StageStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, StageProgramMessage> _programs = [];
    private readonly Dictionary<int, StageInputs> _inputs = [];
    private readonly Dictionary<int, List<string>> _files = [];

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

    /// <summary>
    /// Notes files that are read until the stage is over. False when it is over already; the files are then the
    /// caller's to delete.
    /// </summary>
    public bool KeepFiles(int stage, IReadOnlyList<string> files)
    {
        lock (_lock)
        {
            if (!_programs.ContainsKey(stage))
            {
                return false;
            }

            if (!_files.TryGetValue(stage, out List<string>? kept))
            {
                _files.Add(stage, kept = []);
            }

            kept.AddRange(files);
            return true;
        }
    }

    /// <summary>The stage is over. Returns the files that were kept for its readers.</summary>
    public IReadOnlyList<string> Remove(int stage)
    {
        lock (_lock)
        {
            _programs.Remove(stage);
            _inputs.Remove(stage);
            return _files.Remove(stage, out List<string>? files) ? files : [];
        }
    }

    public (StageProgramMessage Program, IReadOnlyList<ShuffleLocations> Inputs) Get(int stage)
    {
        lock (_lock)
        {
            if (!_programs.TryGetValue(stage, out StageProgramMessage? program))
            {
                throw new InvalidOperationException(
                    $"A task of stage {stage} came before the stage's program. This is a defect of Lepton, not of " +
                    "the job: please report it.");
            }

            return (program, _inputs.TryGetValue(stage, out StageInputs? inputs) ? [.. inputs.Shuffles] : []);
        }
    }
}
