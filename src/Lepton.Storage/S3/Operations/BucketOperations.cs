using System.Xml.Linq;
using Lepton.Storage.Objects;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Requests;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3.Operations;

/// <summary>Making, finding and deleting buckets, and deleting many objects at once.</summary>
internal sealed class BucketOperations(S3Services services)
{
    private const int DeletedMax = 1000;

    public async Task CreateAsync(S3Call call)
    {
        ReadOnlyMemory<byte> body = await call.ReadXmlAsync(ChecksumHeaders.Parse(call.Request)).ConfigureAwait(false);
        if (!body.IsEmpty)
        {
            // Where buckets are is one place here; what else a configuration may ask for is not supported.
            XElement configuration = S3Xml.Read(body, "CreateBucketConfiguration");
            if (configuration.Elements().FirstOrDefault(static child => child.Name.LocalName != "LocationConstraint")
                is { } other)
            {
                throw S3Exception.NotImplemented($"<{other.Name.LocalName}> of a bucket");
            }
        }

        await services.Buckets.CreateAsync(call.Request.Bucket, call.Aborted).ConfigureAwait(false);
        call.Response.Headers.Location = "/" + call.Request.Bucket;
    }

    public async Task HeadAsync(S3Call call)
    {
        await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted).ConfigureAwait(false);
        call.Response.Headers["x-amz-bucket-region"] = services.Region;
    }

    public async Task DeleteAsync(S3Call call)
    {
        await services.Buckets.DeleteAsync(call.Request.Bucket, call.Aborted).ConfigureAwait(false);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task LocationAsync(S3Call call)
    {
        await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted).ConfigureAwait(false);
        // S3 names its first region by nothing.
        string region = services.Region == "us-east-1" ? "" : services.Region;
        await call.AnswerAsync(S3Xml.Write("LocationConstraint", xml => xml.WriteString(region))).ConfigureAwait(false);
    }

    public async Task VersioningAsync(S3Call call)
    {
        // That it was never switched on is said by saying nothing.
        await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted).ConfigureAwait(false);
        await call.AnswerAsync(S3Xml.Write("VersioningConfiguration", static _ => { })).ConfigureAwait(false);
    }

    public async Task DeleteManyAsync(S3Call call)
    {
        XElement body = S3Xml.Read(
            await call.ReadXmlAsync(ChecksumHeaders.Parse(call.Request)).ConfigureAwait(false), "Delete");
        bool isQuiet = body.Text("Quiet") == "true";
        List<XElement> named = [.. body.Children("Object")];
        if (named.Count is 0 or > DeletedMax)
        {
            throw new S3Exception(
                S3Error.MalformedXml, $"The body names {named.Count} objects; expected 1 to {DeletedMax}.");
        }

        await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted).ConfigureAwait(false);
        List<(string Key, S3Exception? Failure)> done = [];
        foreach (XElement one in named)
        {
            string key = one.Text("Key") ?? "";
            done.Add((key, await TryDeleteAsync(call, one, key).ConfigureAwait(false)));
        }

        await call.AnswerAsync(S3Xml.Write("DeleteResult", xml =>
        {
            foreach ((string key, S3Exception? failure) in done.Where(one => one.Failure is not null || !isQuiet))
            {
                xml.WriteStartElement(failure is null ? "Deleted" : "Error");
                xml.Element("Key", key);
                if (failure is not null)
                {
                    xml.Element("Code", failure.Error.Code);
                    xml.Element("Message", failure.Message);
                }

                xml.WriteEndElement();
            }
        })).ConfigureAwait(false);
    }

    private async Task<S3Exception?> TryDeleteAsync(S3Call call, XElement one, string key)
    {
        try
        {
            S3Request.CheckKey(key);
            if (key.Length == 0)
            {
                throw new S3Exception(S3Error.MalformedXml, "An <Object> has no <Key>. Name it.");
            }

            XElement? other = one.Elements().FirstOrDefault(
                static child => child.Name.LocalName is not ("Key" or "ETag"));
            if (other is not null && other.Value is not ("" or "null"))
            {
                throw S3Exception.NotImplemented($"<{other.Name.LocalName}> of an object to delete");
            }

            await services.Objects.DeleteAsync(
                call.Request.Bucket, key, new WriteCondition(false, one.Text("ETag")?.Trim('"')), call.Aborted)
                .ConfigureAwait(false);
            return null;
        }
        catch (S3Exception e)
        {
            return e;
        }
        catch (StoreException e)
        {
            return new S3Exception(FailureTable.Of(e.Failure), e.Message);
        }
    }
}
