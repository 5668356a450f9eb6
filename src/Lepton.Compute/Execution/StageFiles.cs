namespace Lepton.Compute.Execution;

/// <summary>The files that tasks have made, by stage, so that they go when the stage's action is over. Thread safe.</summary>
internal sealed class StageFiles
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<string>> _byStage = [];

    /// <summary>Notes a file that is about to be made.</summary>
    public void Add(int stage, string path)
    {
        lock (_lock)
        {
            if (!_byStage.TryGetValue(stage, out List<string>? files))
            {
                _byStage.Add(stage, files = []);
            }

            files.Add(path);
        }
    }

    /// <summary>Deletes what is left of a stage's files.</summary>
    public void Remove(int stage)
    {
        List<string>? files;
        lock (_lock)
        {
            _byStage.Remove(stage, out files);
        }

        foreach (string file in files ?? [])
        {
            try
            {
                File.Delete(file);
            }
            catch (IOException)
            {
                // Still open, or its folder is gone. It goes with the executor's folder at the latest.
                continue;
            }
        }
    }
}
