namespace Lepton.Training.Launch;

/// <summary>How launchers agree on who trains together. What it finds out, it tells the launcher's loop.</summary>
internal interface IRendezvous : IAsyncDisposable
{
    /// <summary>Begins; a round follows when enough launchers are there.</summary>
    void Start();

    /// <summary>A rank of the round has failed; told again where another failure is found to be the cause.</summary>
    /// <param name="round">The round's number.</param>
    /// <param name="cause">The failure that the others followed from, as far as this launcher knows.</param>
    /// <param name="isOver">Whether all ranks of this launcher have ended.</param>
    void Failed(int round, RoundCause cause, bool isOver);

    /// <summary>All ranks of this launcher are done.</summary>
    void Done(int round);

    /// <summary>This launcher's user wants it to end; the others may go on without it.</summary>
    void Leave();
}
