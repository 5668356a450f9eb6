namespace Lepton.Storage.Scrubbing;

/// <summary>Where it is kept how far a scrub is.</summary>
internal interface IScrubFile
{
    /// <summary>What was saved last; where there is nothing that can be read, as before the first time.</summary>
    ScrubRecord Load();

    /// <summary>Saves it in the place of what was saved before.</summary>
    /// <exception cref="IOException">It can't be written; what was saved before still is.</exception>
    void Save(ScrubRecord record);
}
