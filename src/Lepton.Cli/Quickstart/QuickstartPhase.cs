namespace Lepton.Cli.Quickstart;

/// <summary>The steps of the quickstart, in order.</summary>
internal enum QuickstartPhase
{
    /// <summary>Worker processes are started.</summary>
    Starting,

    /// <summary>The data are read.</summary>
    Reading,

    /// <summary>The scaler is fitted.</summary>
    Scaling,

    /// <summary>Trees are grown; a worker is killed.</summary>
    Growing,

    /// <summary>The forest is judged by cross-validation.</summary>
    Judging,

    /// <summary>The report is written.</summary>
    Reporting,
}
