using System.Net.Sockets;
using System.Reflection;
using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Functions;
using Lepton.Core.Records;

namespace Lepton.Compute;

/// <summary>
/// What the <c>lepton</c> command returns, by what went wrong. A program of yours can do the same: end its <c>Main</c>
/// with <c>catch (Exception e) { Console.Error.WriteLine(e.Message); return ExitCodes.Of(e); }</c>. Under
/// <c>lepton run</c> that happens by itself for exceptions that no one catches. The numbers do not change.
/// </summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The job failed, for a reason that has no code of its own.</summary>
    public const int Failed = 1;

    /// <summary>Flags, options or paths that can't be used.</summary>
    public const int Usage = 2;

    /// <summary>A file is missing, or can't be read.</summary>
    public const int MissingFile = 3;

    /// <summary>A row can't be read as the record that was asked for.</summary>
    public const int MalformedRow = 4;

    /// <summary>A column is missing.</summary>
    public const int MissingColumn = 5;

    /// <summary>There are no data.</summary>
    public const int EmptyData = 6;

    /// <summary>There are more workers than rows.</summary>
    public const int TooManyWorkers = 7;

    /// <summary>A class has too few rows for a stratified split.</summary>
    public const int RareClass = 8;

    /// <summary>NaN or an infinite number where only finite ones can be learned from.</summary>
    public const int NotFinite = 9;

    /// <summary>A function captures what can't be sent to a worker.</summary>
    public const int Unsendable = 10;

    /// <summary>Records are of a type that can't be coded.</summary>
    public const int Uncodable = 11;

    /// <summary>A disk is full.</summary>
    public const int DiskFull = 12;

    /// <summary>A port is in use.</summary>
    public const int PortInUse = 13;

    /// <summary>Cancelled with Ctrl-C: 128 and SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;

    /// <summary>
    /// The environment variable by which <c>lepton run</c> has a program end with these codes: 1 where it does.
    /// </summary>
    public const string SwitchVariable = "LEPTON_EXIT_CODES";

    /// <summary>The code for an exception: its own, or that of what caused it.</summary>
    public static int Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (OfItself(cause) is var code and not Failed)
            {
                return code;
            }
        }

        return Failed;
    }

    /// <summary>Whether Lepton threw it, so that its message says what to do and its stack says nothing.</summary>
    internal static bool IsOurs(Exception exception) =>
        IsOurs(exception.GetType()) || IsOurs(exception.TargetSite?.DeclaringType);

    private static bool IsOurs(Type? type) =>
        type?.Assembly.GetName().Name?.StartsWith("Lepton.", StringComparison.Ordinal) is true
        && type.Assembly != Assembly.GetEntryAssembly();

    private static int OfItself(Exception exception) => exception switch
    {
        IExitCode coded => coded.ExitCode,
        JobFailedException { Reason: JobFailure.DiskFull } => DiskFull,
        SourceNotFoundException or UnreadableFileException => MissingFile,
        FileNotFoundException or DirectoryNotFoundException => MissingFile,
        MalformedRowException malformed => IsNotFinite(malformed.Error.Value) ? NotFinite : MalformedRow,
        MissingColumnException => MissingColumn,
        EmptySourceException => EmptyData,
        UnsendableException => Unsendable,
        UncodableTypeException or UncodableValueException or UnmappableTypeException => Uncodable,
        ArgumentException when IsOurs(exception) => Usage,
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => PortInUse,
        _ => FailureTranslation.IsDiskFull(exception) ? DiskFull : Failed,
    };

    private static bool IsNotFinite(string value) =>
        double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out double number)
        && !double.IsFinite(number);
}
