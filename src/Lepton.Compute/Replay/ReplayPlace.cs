using Lepton.Compute.Session;

namespace Lepton.Compute.Replay;

/// <summary>
/// Makes this process look to user code like the worker did: current directory and base directory. And a folder for the
/// files that the task writes. Disposing it puts everything back.
/// </summary>
internal sealed class ReplayPlace : IDisposable
{
    private const string BaseDirectoryKey = "APP_CONTEXT_BASE_DIRECTORY";
    private readonly SessionDirectory _files = SessionDirectory.Create(null);
    private readonly string _currentDirectory = Environment.CurrentDirectory;
    private readonly object? _baseDirectory = AppContext.GetData(BaseDirectoryKey);

    /// <summary>The folder of the task.</summary>
    public string Folder => _files.CreateFor("replay");

    /// <summary>Where it writes instead of the output folder of its job.</summary>
    public string OutputFolder => _files.CreateFor("output");

    /// <summary>Where the inputs from the bundle lie.</summary>
    public string InputFolder => _files.CreateFor("inputs");

    /// <summary>Takes up the directories; what is not there any more is noted.</summary>
    public IEnumerable<string> Enter(string currentDirectory, string baseDirectory)
    {
        AppContext.SetData(BaseDirectoryKey, baseDirectory);
        if (Directory.Exists(currentDirectory))
        {
            Environment.CurrentDirectory = currentDirectory;
            return [];
        }

        return [$"The job ran in '{currentDirectory}', which is gone: relative paths start in '{_currentDirectory}'."];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        AppContext.SetData(BaseDirectoryKey, _baseDirectory);
        Environment.CurrentDirectory = _currentDirectory;
        _files.Dispose();
    }
}
