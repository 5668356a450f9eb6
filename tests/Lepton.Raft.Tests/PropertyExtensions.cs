using FsCheck;

namespace Lepton.Raft.Tests;

internal static class PropertyExtensions
{
    /// <summary>Tries a property on many inputs; a failure gives the smallest one found and the seed that repeats
    /// it.</summary>
    public static void Holds(this Property property) =>
        property.Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
}
