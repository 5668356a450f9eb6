using System.Runtime.InteropServices;

namespace Lepton.Torch.Native;

/// <summary>Generators and random numbers.</summary>
internal static unsafe partial class NativeRandom
{
    private const string Library = NativeLibraryCalls.Library;

    [LibraryImport(Library, EntryPoint = "lt_manual_seed")]
    public static partial int ManualSeed(ulong seed);

    [LibraryImport(Library, EntryPoint = "lt_generator_new")]
    public static partial int New(ulong seed, int deviceType, int deviceIndex, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_generator_default")]
    public static partial int Default(int deviceType, int deviceIndex, out nint result);

    [LibraryImport(Library, EntryPoint = "lt_generator_release")]
    public static partial void Release(nint generator);

    [LibraryImport(Library, EntryPoint = "lt_generator_seed")]
    public static partial int Seed(nint generator, ulong seed);

    [LibraryImport(Library, EntryPoint = "lt_generator_initial_seed")]
    public static partial int InitialSeed(nint generator, out ulong seed);

    [LibraryImport(Library, EntryPoint = "lt_generator_state")]
    public static partial int State(nint generator, out nint state);

    [LibraryImport(Library, EntryPoint = "lt_generator_set_state")]
    public static partial int SetState(nint generator, nint state);

    [LibraryImport(Library, EntryPoint = "lt_random_in_place")]
    public static partial int RandomInPlace(int kind, nint tensor, double a, double b, nint generator);

    [LibraryImport(Library, EntryPoint = "lt_random_permutation")]
    public static partial int RandomPermutation(long n, nint generator, out nint result);
}
