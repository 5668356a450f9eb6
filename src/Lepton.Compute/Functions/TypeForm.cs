namespace Lepton.Compute.Functions;

/// <summary>How types are written: numbers of the encoding.</summary>
internal static class TypeForm
{
    /// <summary>In place of a number: the type that the field or array declares.</summary>
    public const int Declared = 0;

    /// <summary>In place of a number: a type that comes for the first time; one of the forms below follows.</summary>
    public const int New = 1;

    /// <summary>The number of the first type that came.</summary>
    public const int FirstNumber = 2;

    public const byte Named = 1;
    public const byte Token = 2;
    public const byte Vector = 3;
    public const byte Array = 4;
    public const byte Generic = 5;
}
