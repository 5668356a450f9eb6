using System.CommandLine;
using System.CommandLine.Parsing;
using Lepton.Cli.CommandLine;
using Lepton.Objects;

namespace Lepton.Cli.Objects;

/// <summary>Arguments and options that several of the object commands take.</summary>
internal static class ObjectArguments
{
    /// <summary>What stands for standard input and output.</summary>
    public const string Standard = "-";

    /// <summary>Where an object is, or several.</summary>
    public static Argument<ObjectUrl> Url(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = static result => Parse(result),
    };

    /// <summary>The same, where it may be left out.</summary>
    public static Argument<ObjectUrl?> OptionalUrl(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = static result => result.Tokens.Count == 0 ? null : Parse(result),
    };

    /// <summary>A bucket: a URL without a key.</summary>
    public static Argument<ObjectUrl> Bucket()
    {
        Argument<ObjectUrl> bucket = Url("URL", "The bucket, such as s3://data.");
        bucket.CustomParser = static result =>
        {
            ObjectUrl url = Parse(result);
            if (!string.IsNullOrEmpty(url.Key))
            {
                result.AddError($"'{url}' is more than a bucket. Write it like {ObjectUrl.Scheme}{url.Bucket}.");
            }

            return url;
        };
        return bucket;
    }

    /// <summary>Whether all that is below a folder is meant.</summary>
    public static Option<bool> Recursive(string description) => new("--recursive", "-r") { Description = description };

    /// <summary>Whether to print JSON.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON, one object a line." };

    /// <summary>The URL as that of one object.</summary>
    /// <exception cref="UsageException">It has no key, or is a folder's.</exception>
    public static ObjectUrl OneObject(ObjectUrl url, string otherwise) =>
        url.Name.Length > 0
            ? url
            : throw new UsageException($"'{url}' is no single object: a name is missing behind the slash. {otherwise}");

    /// <summary>The URL of a file that goes there: one that ends with a slash, or is a bucket, is a folder.</summary>
    public static ObjectUrl Target(ObjectUrl url, string name) => url.Name.Length > 0 ? url : url.Child(name);

    /// <summary>Reads a text that has to be a URL.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static ObjectUrl Read(string text)
    {
        try
        {
            return ObjectUrl.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    private static ObjectUrl Parse(ArgumentResult result)
    {
        try
        {
            return ObjectUrl.Parse(result.Tokens[0].Value);
        }
        catch (FormatException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }
}
