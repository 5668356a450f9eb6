namespace Lepton.Compute;

/// <summary>An exception that knows the exit code of a program that ends with it.</summary>
public interface IExitCode
{
    /// <summary>One of <see cref="ExitCodes"/>, or one of the program's own above 31 and below 128.</summary>
    int ExitCode { get; }
}
