using System.Diagnostics.CodeAnalysis;

namespace Lepton.Compute.Tests.Objects;

/// <summary>The tests of data in an object store share one; each has folders of its own.</summary>
[CollectionDefinition(Name)]
[SuppressMessage("Naming", "CA1711", Justification = "It is a collection of xunit's.")]
public sealed class StoreCollection : ICollectionFixture<SharedStore>
{
    internal const string Name = "object store";
}
