using System.Diagnostics.CodeAnalysis;
using Lepton.Objects.Tests;

namespace Lepton.Cli.Tests.Objects;

/// <summary>The tests of the object commands share a store; each has buckets of its own.</summary>
[CollectionDefinition(Name)]
[SuppressMessage("Naming", "CA1711", Justification = "It is a collection of xunit's.")]
public sealed class ObjectCollection : ICollectionFixture<StoreFixture>
{
    internal const string Name = "objects";
}
