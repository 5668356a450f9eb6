using Lepton.Bench.Coordination;
using Lepton.Bench.Objects;

namespace Lepton.Bench.Sides;

/// <summary>Gets of small objects by many clients.</summary>
internal static class ObjectGetSide
{
    public static async Task RunAsync(Arguments arguments)
    {
        arguments.AllowOnly(["clients", "objects", .. ObjectServer.Options]);
        int objects = (int)arguments.Number("objects");
        using ObjectServer server = await ObjectServer.StartAsync(arguments);
        using ObjectLoad load = await ObjectLoad.PrepareAsync(server, (int)arguments.Number("clients"), objects);
        await load.PutAsync();
        await load.GetAsync(2 * objects);
        LoadResult result = await load.GetAsync(2 * objects);
        ObjectLoad.Print(result);
    }
}
