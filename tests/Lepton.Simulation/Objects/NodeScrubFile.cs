using Lepton.Storage.Scrubbing;

namespace Lepton.Simulation.Objects;

/// <summary>The file of a machine that says how far its scrub is; it outlives processes.</summary>
internal sealed class NodeScrubFile(ObjectNode node, NodeLife life) : IScrubFile
{
    public ScrubRecord Load() => node.Scrubbed;

    public void Save(ScrubRecord record)
    {
        life.DemandRunning();
        node.Scrubbed = record;
    }
}
