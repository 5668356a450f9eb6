using System.Reflection;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>
/// Writes types, each in full once and by number after that. Types of the framework go by name; all others by module
/// version id and metadata token, so that what the worker finds is what the driver meant or nothing.
/// </summary>
internal sealed class TypeWriter(RecordWriter writer, Action<Assembly> onModule)
{
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<Assembly, int> _modules = [];

    /// <summary>Writes <paramref name="type"/>, as 0 where it is the declared one.</summary>
    public void Write(Type type, Type? declared = null)
    {
        if (type == declared)
        {
            writer.WriteVarUInt64(0);
            return;
        }

        if (_types.TryGetValue(type, out int number))
        {
            writer.WriteVarUInt64((ulong)number);
            return;
        }

        // The parts take their numbers before the whole does.
        writer.WriteVarUInt64(TypeForm.New);
        if (type.IsSZArray)
        {
            writer.WriteByte(TypeForm.Vector);
            Write(type.GetElementType()!);
        }
        else if (type.IsArray)
        {
            writer.WriteByte(TypeForm.Array);
            writer.WriteVarUInt64((ulong)type.GetArrayRank());
            Write(type.GetElementType()!);
        }
        else if (type.IsConstructedGenericType)
        {
            writer.WriteByte(TypeForm.Generic);
            Write(type.GetGenericTypeDefinition());
            foreach (Type argument in type.GetGenericArguments())
            {
                Write(argument);
            }
        }
        else
        {
            WriteNamed(type);
        }

        _types.Add(type, _types.Count + TypeForm.FirstNumber);
    }

    /// <summary>Writes an assembly.</summary>
    public void WriteModule(Assembly assembly)
    {
        if (_modules.TryGetValue(assembly, out int number))
        {
            writer.WriteVarUInt64((ulong)number);
            return;
        }

        bool framework = Modules.IsFramework(assembly);
        Guid version = framework ? Guid.Empty : assembly.ManifestModule.ModuleVersionId;
        writer.WriteVarUInt64((ulong)_modules.Count);
        writer.WriteString(assembly.GetName().Name!);
        writer.WriteRaw(version.ToByteArray());
        _modules.Add(assembly, _modules.Count);
        if (!framework)
        {
            onModule(assembly);
        }
    }

    private void WriteNamed(Type type)
    {
        bool framework = Modules.IsFramework(type.Assembly);
        writer.WriteByte(framework ? TypeForm.Named : TypeForm.Token);
        WriteModule(type.Assembly);
        if (framework)
        {
            writer.WriteString(type.FullName!);
        }
        else
        {
            writer.WriteVarUInt64((ulong)type.MetadataToken);
        }
    }
}
