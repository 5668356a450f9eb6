using System.Reflection;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>What is known about sending values of one run-time type. Immutable but for the codec's lazy code.</summary>
/// <param name="Kind">How they travel.</param>
/// <param name="Reason">Of a refusal: whole sentences with the advice.</param>
/// <param name="Codec">Of leaves and bulk values.</param>
/// <param name="Fields">All instance fields, in the order in which they are numbered.</param>
/// <param name="IsSent">For each field: is it ever sent?</param>
/// <param name="Shape">Of dictionaries and sets.</param>
/// <param name="Rebuilder">Of objects made anew.</param>
internal sealed record SendRule(
    SendKind Kind,
    string Reason = "",
    RecordCodec? Codec = null,
    FieldInfo[]? Fields = null,
    bool[]? IsSent = null,
    HashedShape? Shape = null,
    Rebuilder? Rebuilder = null);
