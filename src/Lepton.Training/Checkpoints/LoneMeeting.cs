namespace Lepton.Training.Checkpoints;

/// <summary>A single rank, which meets nobody.</summary>
internal sealed class LoneMeeting : IShardMeeting
{
    private string _text = "";

    public void Announce(long step, string text) => _text = text;

    public IReadOnlyList<string> Gather(long step) => [_text];

    public void Dispose()
    {
        // Holds nothing.
    }
}
