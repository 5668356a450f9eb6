using Lepton.Bench.Coordination;
using Lepton.Bench.Objects;

namespace Lepton.Bench.Sides;

/// <summary>Puts of small objects by many clients.</summary>
internal static class ObjectPutSide
{
    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["clients", "objects", .. ObjectServer.Options]);
        using ObjectServer server = await ObjectServer.StartAsync(arguments);
        using ObjectLoad load = await ObjectLoad.PrepareAsync(
            server, (int)arguments.Number("clients"), (int)arguments.Number("objects"));
        await load.PutAsync();
        LoadResult result = await load.PutAsync(version: 1);
        await load.GetAsync((int)arguments.Number("objects"));
        ObjectLoad.Print(result);
    }
}
