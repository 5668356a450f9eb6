using FsCheck;

namespace Lepton.Compute.Tests;

internal static class PropertyExtensions
{
    /// <summary>Tries a property on many inputs; a failure gives the smallest one found and the seed that repeats
    /// it.</summary>
    public static void Holds(this Property property, int tries = 100) =>
        property.Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(tries));
}
