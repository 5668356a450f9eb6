using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>Looks up the metadata tokens in one method's code, with the type arguments that the method has.</summary>
internal sealed class TokenResolver(MethodBase method)
{
    private readonly Module _module = method.Module;
    private readonly Type[]? _typeArguments =
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;

    private readonly Type[]? _methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;

    /// <summary>The field; null when it can't be loaded here.</summary>
    public FieldInfo? Field(int token) => Resolve(_module.ResolveField, token);

    /// <summary>The method or constructor; null when it can't be loaded here.</summary>
    public MethodBase? Method(int token) => Resolve(_module.ResolveMethod, token);

    private T? Resolve<T>(Func<int, Type[]?, Type[]?, T?> resolve, int token)
        where T : class
    {
        try
        {
            return resolve(token, _typeArguments, _methodArguments);
        }
        catch (Exception e) when (e is ArgumentException or IOException or TypeLoadException or MissingMemberException
            or BadImageFormatException)
        {
            // Code for an assembly that is not there: the analysis takes the safe way, which is to send everything.
            return null;
        }
    }
}
