namespace Lepton.Compute.Formats;

/// <summary>What can be wrong with how a record is put together.</summary>
internal enum CsvFault
{
    None,

    /// <summary>The file ended within quotes.</summary>
    UnclosedQuote,

    /// <summary>A closing quote is followed by neither a delimiter nor a line end.</summary>
    TextAfterQuote,
}
