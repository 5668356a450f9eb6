using System.Globalization;
using Lepton.Training.Ranks;

/// <summary>What goes wrong before the first step.</summary>
internal sealed class StartFault(string fault, int guiltyRank)
{
    /// <summary>Joins the other ranks; null where this one is to end, and the guilty one may never return.</summary>
    public RankContext? Join(int timeoutSeconds)
    {
        bool isGuilty = Environment.GetEnvironmentVariable("RANK") ==
            guiltyRank.ToString(CultureInfo.InvariantCulture);
        if (isGuilty && fault == "absent")
        {
            Hang();
        }

        if (isGuilty && fault == "throw")
        {
            throw new InvalidOperationException("The data are not there.\nGive --data.", new IOException("no file"));
        }

        if (isGuilty && fault == "end")
        {
            return null;
        }

        RankContext ranks = RankContext.Join(TimeSpan.FromSeconds(timeoutSeconds));
        if (isGuilty && (fault is "idle" or "unwaited"))
        {
            Hang();
        }

        if (fault == "unwaited")
        {
            _ = ranks.Group!.AllReduce(Lepton.Torch.Torch.Ones([3, 5]));
        }

        if (fault == "unwaited" || (isGuilty && fault == "leave"))
        {
            ranks.Dispose();
            return null;
        }

        return ranks;
    }

    private static void Hang() => new ManualResetEventSlim().Wait();
}
