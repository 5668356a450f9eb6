using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers;

/// <summary>What the analyzer reports. Rules with one id differ only in their words.</summary>
[SuppressMessage(
    "MicrosoftCodeAnalysisDesign",
    "RS1032:Define diagnostic message correctly",
    Justification = "The last argument of some messages is whole sentences, with their full stops.")]
internal static class Rules
{
    private const string Category = "Lepton";
    private const string CaptureId = "LPT001";
    private const string CaptureTitle = "The lambda captures what can't be sent to a worker";
    private const string CaptureHelp =
        "Workers are other processes, perhaps on other machines. A lambda is sent to them with a copy of what it " +
        "captured. Open files, connections, locks, running tasks and data sets can't be copied, and a copy that a " +
        "worker changes does not come back.";

    /// <summary>Subject, what is captured, its type, why and what to do.</summary>
    public static readonly DiagnosticDescriptor Unsendable = new(
        CaptureId,
        CaptureTitle,
        "{0} captures {1} of type '{2}', which can't be sent to a worker. {3}",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        CaptureHelp);

    /// <summary>Subject, what is changed.</summary>
    public static readonly DiagnosticDescriptor LostWrite = new(
        CaptureId,
        CaptureTitle,
        "{0} changes {1}, but each worker changes a copy of its own: the writes are lost. " +
        "Return the values, or combine them with Aggregate or Count.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        CaptureHelp);

    /// <summary>Subject, what is locked.</summary>
    public static readonly DiagnosticDescriptor Lock = new(
        CaptureId,
        CaptureTitle,
        "{0} locks {1}, but each worker locks a copy of its own: workers don't exclude each other. " +
        "Tasks share nothing, so leave the lock out; combine results with Aggregate or GroupBy.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        CaptureHelp);

    /// <summary>Subject, what it does, what to do instead.</summary>
    public static readonly DiagnosticDescriptor Unrepeatable = new(
        "LPT002",
        "The lambda reads the clock or unseeded random numbers",
        "{0} {1}, so a task that is tried again gives another result. {2}",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A task whose worker is lost runs again elsewhere, and slow tasks run twice. Results stay the same only if " +
        "the lambda depends on nothing but its arguments and what it captured.");

    /// <summary>Subject, what it reads.</summary>
    public static readonly DiagnosticDescriptor StaticState = new(
        "LPT003",
        "The lambda reads static state that is not sent to workers",
        "{0} {1}, a static variable. Each worker process has its own, with the value that its initialiser gave it. " +
        "Copy it to a local before the job, and capture that.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A lambda is sent to workers with what it captured. Static variables are not captured: what the program set " +
        "them to while it ran stays in its own process. With threads of the program's process they are shared, so " +
        "that the results differ.");
}
