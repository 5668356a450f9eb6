using System.Text.Json;
using System.Text.Json.Serialization;
using Lepton.Core.Durability;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Scrubbing;

/// <summary>
/// Keeps how far a scrub is. What it says is only where to go on, so that a file that can't be read costs a pass.
/// </summary>
internal sealed class ScrubFile(string path, ILogger logger) : IScrubFile
{
    public ScrubRecord Load()
    {
        try
        {
            return File.Exists(path)
                && JsonSerializer.Deserialize(File.ReadAllBytes(path), ScrubJson.Default.ScrubRecord) is
                    { ReadMs: not null } saved
                ? saved
                : ScrubRecord.None;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            StorageLog.ScrubForgotten(logger, path, e.Message);
            return ScrubRecord.None;
        }
    }

    public void Save(ScrubRecord record) => DurableFile.WriteAllBytesAtomic(
        path, JsonSerializer.SerializeToUtf8Bytes(record, ScrubJson.Default.ScrubRecord));
}

/// <summary>Its form. Partial because the code is generated.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScrubRecord))]
internal sealed partial class ScrubJson : JsonSerializerContext;
