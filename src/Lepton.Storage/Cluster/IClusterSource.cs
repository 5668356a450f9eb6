namespace Lepton.Storage.Cluster;

/// <summary>Tells what is known of the nodes. Thread safe.</summary>
internal interface IClusterSource
{
    /// <summary>This node.</summary>
    NodeId Self { get; }

    /// <summary>The nodes, as far as this one knows.</summary>
    ClusterView View { get; }

    /// <summary>This node's session; null while it has none, so that nothing can be written.</summary>
    SessionId? Session { get; }
}
