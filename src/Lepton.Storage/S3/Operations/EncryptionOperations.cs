using System.Xml.Linq;
using Lepton.Storage.Metadata;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Requests;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3.Operations;

/// <summary>How new objects of a bucket are encrypted that say nothing of it.</summary>
internal sealed class EncryptionOperations(S3Services services)
{
    private const string Root = "ServerSideEncryptionConfiguration";
    private const string Default = "ApplyServerSideEncryptionByDefault";

    public async Task PutAsync(S3Call call)
    {
        XElement body = S3Xml.Read(
            await call.ReadXmlAsync(ChecksumHeaders.Parse(call.Request)).ConfigureAwait(false), Root);
        XElement rule = Only(body, "Rule");
        foreach (XElement child in rule.Elements().Where(static child => child.Name.LocalName != Default))
        {
            // It is about keys of a key service. Clients say false where they mean none.
            if (child.Name.LocalName != "BucketKeyEnabled" || child.Value.Trim() != "false")
            {
                throw S3Exception.NotImplemented($"<{child.Name.LocalName}> of a bucket's encryption");
            }
        }

        XElement algorithm = Only(Only(rule, Default), "SSEAlgorithm");
        EncryptionHeaders.CheckAlgorithm("<SSEAlgorithm>", algorithm.Value.Trim());
        if (algorithm.Parent!.Elements().FirstOrDefault(child => child != algorithm) is { } other)
        {
            throw S3Exception.NotImplemented($"<{other.Name.LocalName}> of a bucket's encryption");
        }

        await services.Buckets.SetEncryptionAsync(call.Request.Bucket, EncryptionHeaders.Aes256, call.Aborted)
            .ConfigureAwait(false);
    }

    public async Task GetAsync(S3Call call)
    {
        BucketRecord bucket = await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted)
            .ConfigureAwait(false);
        if (bucket.Encryption is not { } algorithm)
        {
            throw new S3Exception(
                S3Error.NoEncryption,
                $"New objects of the bucket '{call.Request.Bucket}' are not encrypted, unless they ask for it.");
        }

        await call.AnswerAsync(S3Xml.Write(Root, xml =>
        {
            xml.WriteStartElement("Rule");
            xml.WriteStartElement(Default);
            xml.Element("SSEAlgorithm", algorithm);
            xml.WriteEndElement();
            xml.Element("BucketKeyEnabled", false);
            xml.WriteEndElement();
        })).ConfigureAwait(false);
    }

    public async Task DeleteAsync(S3Call call)
    {
        await services.Buckets.SetEncryptionAsync(call.Request.Bucket, null, call.Aborted).ConfigureAwait(false);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static XElement Only(XElement parent, string name)
    {
        XElement[] all = [.. parent.Children(name)];
        return all.Length == 1
            ? all[0]
            : throw new S3Exception(
                S3Error.MalformedXml,
                $"<{parent.Name.LocalName}> has {all.Length} <{name}>; expected one.");
    }
}
