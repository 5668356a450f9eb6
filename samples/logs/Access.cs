namespace Logs;

/// <summary>What an analysis needs of one request.</summary>
/// <param name="Url">The path that was asked for.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="Status">HTTP's status code.</param>
internal readonly record struct Access(string Url, int Hour, int Status);
