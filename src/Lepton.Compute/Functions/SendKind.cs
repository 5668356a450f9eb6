namespace Lepton.Compute.Functions;

/// <summary>How values of one run-time type travel. The numbers are part of the encoding.</summary>
internal enum SendKind : byte
{
    /// <summary>It doesn't: the reason says why.</summary>
    Refused = 0,

    /// <summary>A small value, by its record codec.</summary>
    Leaf = 1,

    /// <summary>
    /// A collection of plain records, by its record codec; one by one where the codec refuses the values.
    /// </summary>
    Bulk = 2,

    /// <summary>An array, element by element.</summary>
    Array = 3,

    /// <summary>A dictionary or set: hash codes differ between processes, so it is filled anew.</summary>
    Hashed = 4,

    /// <summary>An object, field by field.</summary>
    Fields = 5,

    /// <summary>An object of the framework that is made anew from its parts.</summary>
    Rebuilt = 6,

    /// <summary>A <see cref="System.Type"/>.</summary>
    Type = 7,

    /// <summary>A delegate: its method and its target.</summary>
    Delegate = 8,
}
