using FsCheck;

namespace Lepton.Coordination.Tests.Store;

internal static class Properties
{
    /// <summary>Tries a property on many inputs; a failure gives the smallest one found and the seed that repeats
    /// it.</summary>
    public static void Holds(this Property property) =>
        property.Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
}
