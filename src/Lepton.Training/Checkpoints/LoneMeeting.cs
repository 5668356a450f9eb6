namespace Lepton.Training.Checkpoints;

/// <summary>A single rank, which meets nobody.</summary>
internal sealed class LoneMeeting : ICheckpointMeeting
{
    private string _text = "";

    public void Announce(long step, string text) => _text = text;

    public IReadOnlyList<string> Gather(long step) => [_text];

    public string Learn(string whose, bool isFinder, Func<string> find) => find();

    public void Together(Action act) => act();

    public void Dispose()
    {
        // Holds nothing.
    }
}
