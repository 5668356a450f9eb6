using System.IO.MemoryMappedFiles;
using System.Text;

namespace Lepton.Compute.Execution;

/// <summary>
/// A page of memory in a file that outlives its worker: which tasks it was running, how much memory it had used at
/// most, and why it ended. Writing to it costs a memory write, and the driver reads it when the worker is gone (trap:
/// the reason of a death is lost).
/// </summary>
internal sealed class Vitals : IDisposable
{
    public const string FileName = "vitals";
    private const int PeakOffset = 8;
    private const int SlotsOffset = 16;
    public const int SlotsMax = 256;
    private const int WordsOffset = SlotsOffset + (8 * SlotsMax);
    private const int FileBytes = 4096 * 2;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private Vitals(MemoryMappedFile file)
    {
        _file = file;
        _view = file.CreateViewAccessor(0, FileBytes);
    }

    /// <summary>Makes the page of a worker that is about to start.</summary>
    /// <exception cref="IOException">The disk is full. A page with holes would end the worker at a write.</exception>
    public static void Create(string directory) =>
        File.WriteAllBytes(Path.Combine(directory, FileName), new byte[FileBytes]);

    /// <summary>Opens the page in a worker's directory, making it if it is not there.</summary>
    public static Vitals Open(string directory) =>
        new(MemoryMappedFile.CreateFromFile(
            Path.Combine(directory, FileName), FileMode.OpenOrCreate, mapName: null, FileBytes));

    /// <summary>Reads what a worker that is gone left behind; nothing where the page is gone too.</summary>
    public static (IReadOnlySet<long> Running, long PeakBytes, string LastWords) ReadLast(string directory)
    {
        try
        {
            using Vitals vitals = Open(directory);
            return vitals.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (new HashSet<long>(), 0, "");
        }
    }

    /// <summary>Notes that a slot runs a task copy; 0 for none.</summary>
    public void SetRunning(int slot, long copy)
    {
        Core.Invariant.Check(slot < SlotsMax);
        _view.Write(SlotsOffset + (8 * slot), copy);
    }

    /// <summary>Notes the highest resident size so far.</summary>
    public void SetPeak(long bytes) => _view.Write(PeakOffset, bytes);

    /// <summary>Notes why the process is about to end.</summary>
    public void SetLastWords(string words)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(words);
        int length = Math.Min(bytes.Length, FileBytes - WordsOffset - 4);
        _view.WriteArray(WordsOffset + 4, bytes, 0, length);
        _view.Write(WordsOffset, length);
    }

    /// <summary>Reads what the worker left.</summary>
    public (IReadOnlySet<long> Running, long PeakBytes, string LastWords) Read()
    {
        var running = new HashSet<long>();
        for (int slot = 0; slot < SlotsMax; slot++)
        {
            long copy = _view.ReadInt64(SlotsOffset + (8 * slot));
            // Below 0 it rehearsed.
            if (copy > 0)
            {
                running.Add(copy);
            }
        }

        byte[] words = new byte[Math.Clamp(_view.ReadInt32(WordsOffset), 0, FileBytes - WordsOffset - 4)];
        _view.ReadArray(WordsOffset + 4, words, 0, words.Length);
        return (running, _view.ReadInt64(PeakOffset), Encoding.UTF8.GetString(words));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
