using System.Collections.Immutable;
using Lepton.Analyzers.Capturing;
using Lepton.Analyzers.Retrying;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Lepton.Analyzers;

/// <summary>
/// Looks at the code that a program sends to workers. LPT001: it captures what can't be sent, or changes what it
/// captured. LPT002: it reads the clock or unseeded random numbers. LPT003: it reads static variables.
/// </summary>
/// <remarks>
/// Types that are sendable although they look otherwise are named in .editorconfig:
/// <c>lepton_sendable_types = My.Handle, My.Pool</c>.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class WorkerCodeAnalyzer : DiagnosticAnalyzer
{
    private const string SendableTypesOption = "lepton_sendable_types";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.Unsendable, Rules.LostWrite, Rules.Lock, Rules.Unrepeatable, Rules.StaticState];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (!LeptonNames.IsKnownTo(start.Compilation))
            {
                return;
            }

            var sendability = new Sendability(start.Compilation, SendableTypes(start.Compilation, start.Options));
            start.RegisterOperationAction(
                operation => AnalyzeArgument(operation, sendability), OperationKind.Argument);
            start.RegisterOperationBlockAction(block => AnalyzeOverride(block, sendability));
        });
    }

    private static IEnumerable<string> SendableTypes(Compilation compilation, AnalyzerOptions options) =>
        compilation.SyntaxTrees
            .Select(tree => options.AnalyzerConfigOptionsProvider.GetOptions(tree)
                .TryGetValue(SendableTypesOption, out var names) ? names : "")
            .Distinct()
            .SelectMany(names => names.Split(','))
            .Select(name => name.Trim())
            .Where(name => name.Length > 0);

    private static void AnalyzeArgument(OperationAnalysisContext context, Sendability sendability)
    {
        var argument = (IArgumentOperation)context.Operation;
        if (!WorkerDelegates.IsWorkerParameter(argument.Parameter) || WorkerDelegates.IsInsideWorkerCode(argument))
        {
            return;
        }

        var receiver = argument.Parameter!.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } made
            ? $"new {made.ContainingType.Name}"
            : argument.Parameter.ContainingSymbol.Name;
        var scan = new Scan(sendability, context.ReportDiagnostic, context.CancellationToken);
        foreach (var target in WorkerDelegates.Targets(argument.Value, context.CancellationToken))
        {
            if (target is IAnonymousFunctionOperation lambda)
            {
                scan.Run(new WorkerCode($"The lambda passed to '{receiver}'", lambda.Symbol, lambda));
            }
            else if (target is IMethodReferenceOperation group)
            {
                scan.Run(group, $"The method '{group.Method.Name}' passed to '{receiver}'");
            }
        }
    }

    // Users of MapReduce write their functions as overrides, which run on workers too.
    private static void AnalyzeOverride(OperationBlockAnalysisContext context, Sendability sendability)
    {
        if (context.OwningSymbol is not IMethodSymbol { OverriddenMethod: { } overridden } method
            || !IsWorkerMethod(overridden))
        {
            return;
        }

        var scan = new Scan(sendability, context.ReportDiagnostic, context.CancellationToken);
        foreach (var block in context.OperationBlocks)
        {
            scan.Run(new WorkerCode($"The method '{method.Name}' of '{method.ContainingType.Name}'", method, block));
        }
    }

    private static bool IsWorkerMethod(IMethodSymbol method) =>
        method.Name is "Map" or "Reduce"
        && method.ContainingType.Name == "DistributedTask"
        && LeptonNames.IsOfCompute(method.ContainingType);

    /// <summary>Both looks at one piece of code.</summary>
    private sealed class Scan(
        Sendability sendability, Action<Diagnostic> report, CancellationToken cancellation)
    {
        public void Run(WorkerCode code)
        {
            new CaptureScan(sendability, report, cancellation).Run(code);
            new RetryScan(report, cancellation).Run(code);
        }

        public void Run(IMethodReferenceOperation group, string subject)
        {
            var itself = new WorkerCode(subject, group.Method, group);
            if (MethodBodies.Of(group.Method, group, cancellation) is not { } body)
            {
                Run(itself);
                return;
            }

            var code = new WorkerCode(subject, group.Method, body, group.Syntax.GetLocation());
            var usesThis = group.Instance is null or IInstanceReferenceOperation;
            new CaptureScan(sendability, report, cancellation).Run(usesThis ? code : itself);
            new RetryScan(report, cancellation).Run(code);
        }
    }
}
