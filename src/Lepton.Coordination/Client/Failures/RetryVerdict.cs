namespace Lepton.Coordination.Client.Failures;

/// <summary>What to do after a failed call.</summary>
internal enum RetryVerdict
{
    /// <summary>Tell the caller.</summary>
    Fail,

    /// <summary>Ask the next server, as long as there is time.</summary>
    RetryElsewhere,

    /// <summary>Tell the caller that nobody knows whether it was done; use another server from now on.</summary>
    OutcomeUnknown,
}
