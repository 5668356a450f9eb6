namespace Lepton.Training.ParameterServer.Workers;

/// <summary>A piece of a parameter that lies on one server.</summary>
/// <param name="Parameter">Which parameter.</param>
/// <param name="Start">Its first element in the parameter.</param>
/// <param name="Length">How many elements.</param>
/// <param name="At">Its first element in the server's share.</param>
internal readonly record struct Slice(int Parameter, long Start, int Length, long At);
