using System.Reflection;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>Reads what a <see cref="TypeWriter"/> wrote.</summary>
internal sealed class TypeReader(IModuleResolver modules)
{
    private readonly List<Type> _types = [];
    private readonly List<Assembly> _modules = [];

    /// <summary>Reads a type; <paramref name="declared"/> where that was not worth writing.</summary>
    public Type Read(ref RecordReader reader, Type? declared = null)
    {
        ulong number = reader.ReadVarUInt64();
        if (number == TypeForm.Declared && declared is not null)
        {
            return declared;
        }

        if (number != TypeForm.New)
        {
            ulong index = number - TypeForm.FirstNumber;
            return index < (ulong)_types.Count
                ? _types[(int)index]
                : throw Corrupt(ref reader, $"type number {number}");
        }

        Type type = ReadNew(ref reader);
        _types.Add(type);
        return type;
    }

    /// <summary>Reads an assembly.</summary>
    public Assembly ReadModule(ref RecordReader reader)
    {
        ulong number = reader.ReadVarUInt64();
        if (number < (ulong)_modules.Count)
        {
            return _modules[(int)number];
        }

        if (number != (ulong)_modules.Count)
        {
            throw Corrupt(ref reader, $"assembly number {number}");
        }

        string name = reader.ReadString();
        Assembly assembly = modules.Resolve(name, new Guid(reader.ReadRaw(16)));
        _modules.Add(assembly);
        return assembly;
    }

    private Type ReadNew(ref RecordReader reader)
    {
        byte form = reader.ReadByte();
        try
        {
            switch (form)
            {
                case TypeForm.Named:
                    return ReadModule(ref reader).GetType(reader.ReadString(), throwOnError: true)!;
                case TypeForm.Token:
                    return ReadModule(ref reader).ManifestModule.ResolveType((int)reader.ReadVarUInt64());
                case TypeForm.Vector:
                    return Read(ref reader).MakeArrayType();
                case TypeForm.Array:
                    int rank = (int)reader.ReadVarUInt64();
                    return Read(ref reader).MakeArrayType(rank);
                case TypeForm.Generic:
                    Type definition = Read(ref reader);
                    Type[] arguments = new Type[definition.GetGenericArguments().Length];
                    for (int i = 0; i < arguments.Length; i++)
                    {
                        arguments[i] = Read(ref reader);
                    }

                    return definition.MakeGenericType(arguments);
                default:
                    throw Corrupt(ref reader, $"type form {form}");
            }
        }
        catch (Exception e) when (e is ArgumentException or TypeLoadException or IndexOutOfRangeException)
        {
            throw new CorruptRecordException(
                $"The type before byte {reader.Position} can't be found here: {e.Message} Driver and worker must " +
                "run the same build on the same version of .NET.");
        }
    }

    private static CorruptRecordException Corrupt(ref RecordReader reader, string what) =>
        new($"An unknown {what} stands before byte {reader.Position} of a function: the data is damaged.");
}
