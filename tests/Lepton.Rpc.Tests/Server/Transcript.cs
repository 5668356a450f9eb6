using System.Globalization;
using System.Net;
using System.Text;

namespace Lepton.Rpc.Tests.Server;

/// <summary>
/// One exchange of a transcript file: lines with '>' are what is sent (the request line, headers, bytes in
/// hexadecimal), lines with '&lt;' what must come back.
/// </summary>
internal sealed record Transcript(string Name, IReadOnlyList<string> Sent, IReadOnlyList<string> Expected)
{
    private const string GrpcContentType = "application/grpc";

    public static IReadOnlyList<Transcript> Load(string fileName)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Server", "Transcripts", fileName));
        return text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(lines => new Transcript(
                lines[0].TrimStart('#', ' '), Marked(lines, "> "), Marked(lines, "< ")))
            .ToList();
    }

    /// <summary>Plays what is sent and renders what came back in the file's own form.</summary>
    public async Task<IReadOnlyList<string>> PlayAsync(Uri address)
    {
        string[] start = Sent[0].Split(' ');
        bool isHttp2 = start[2] == "HTTP/2";
        using HttpRequestMessage request = new(new HttpMethod(start[0]), new Uri(address, start[1]));
        request.Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        List<byte> body = [];
        string contentType = GrpcContentType;
        foreach (string line in Sent.Skip(1))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0)
            {
                body.AddRange(Bytes(line));
            }
            else if (line.StartsWith("content-type", StringComparison.Ordinal))
            {
                contentType = line[(colon + 2)..];
            }
            else
            {
                request.Headers.TryAddWithoutValidation(line[..colon], line[(colon + 2)..]);
            }
        }

        request.Content = new ByteArrayContent([.. body]);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using SocketsHttpHandler handler = new() { UseProxy = false };
        using HttpMessageInvoker http = new(handler);
        using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
        return await RenderAsync(response);
    }

    private static async Task<IReadOnlyList<string>> RenderAsync(HttpResponseMessage response)
    {
        List<string> lines = [((int)response.StatusCode).ToString(CultureInfo.InvariantCulture)];
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        if (response.Content.Headers.ContentType?.MediaType == GrpcContentType)
        {
            for (int at = 0; at < body.Length;)
            {
                int length = Convert.ToInt32(Convert.ToHexString(body, at + 1, 4), 16);
                string frame = Convert.ToHexStringLower(body, at, 5 + length);
                lines.Add($"{frame[..2]} {frame[2..10]} {frame[10..]}".TrimEnd());
                at += 5 + length;
            }
        }
        else
        {
            lines.Add(Encoding.UTF8.GetString(body).TrimEnd());
        }

        foreach (string name in (string[])["grpc-status", "grpc-message"])
        {
            if (response.TrailingHeaders.NonValidated.TryGetValues(name, out var trailer))
            {
                lines.Add($"{name}: {trailer}");
            }
            else if (response.Headers.NonValidated.TryGetValues(name, out var header))
            {
                lines.Add($"{name}: {header}");
            }
        }

        return lines;
    }

    private static string[] Marked(string[] lines, string mark) =>
        lines.Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[2..]).ToArray();

    private static byte[] Bytes(string line)
    {
        // Too long to write out: 4,096 zeros in gzip, with the frame's length before them.
        if (line == "01 ZEROS")
        {
            byte[] packed = Gzip.Pack(new byte[4096]);
            return [1, 0, 0, (byte)(packed.Length >> 8), (byte)packed.Length, .. packed];
        }

        return Convert.FromHexString(line.Replace(" ", "", StringComparison.Ordinal));
    }
}
