namespace Lepton.Compute.Functions;

/// <summary>A field that stays at home: on the worker it has its type's default value.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NotSentAttribute : Attribute;
