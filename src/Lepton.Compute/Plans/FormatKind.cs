namespace Lepton.Compute.Plans;

/// <summary>File formats that data sets read and write.</summary>
internal enum FormatKind
{
    /// <summary>Lines as strings.</summary>
    Text,

    /// <summary>Lines as UTF-8 bytes.</summary>
    Utf8Text,

    /// <summary>Comma-separated values.</summary>
    Csv,

    /// <summary>One JSON value a line.</summary>
    JsonLines,
}
