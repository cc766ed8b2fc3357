// The public surface of an assembly as text: a line per type and per member that its users may call or override, sorted, so
// that a change of the contract is a change of a file that a reviewer reads.

using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Valkey.ArchitectureTests;

internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The lines of an assembly's surface.</summary>
    public static string[] Of(Assembly assembly)
    {
        List<string> lines = [];
        foreach (Type type in assembly.GetExportedTypes())
        {
            lines.Add(Heading(type));
            if (typeof(Delegate).IsAssignableFrom(type)) continue;
            foreach (MemberInfo member in type.GetMembers(Declared))
            {
                if (Describe(member) is { } text) lines.Add($"{Name(type)}.{text}");
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return [.. lines];
    }

    private static string Heading(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            return $"{Name(type)} delegate {Signature(type.GetMethod("Invoke")!, "Invoke")}";
        List<string> parents = [];
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            parents.Add(Name(parent));
        if (type.IsEnum) parents.Add(Name(type.GetEnumUnderlyingType()));
        else parents.AddRange(type.GetInterfaces().Select(Name).Order(StringComparer.Ordinal));
        return $"{Name(type)} {Kind(type)}" + (parents.Count == 0 ? "" : " : " + string.Join(", ", parents));
    }

    private static string Kind(Type type)
    {
        if (type.IsInterface) return "interface";
        if (type.IsEnum) return "enum";
        if (type.IsValueType) return type.IsByRefLike ? "ref struct" : "struct";
        if (type.IsAbstract && type.IsSealed) return "static class";
        return type.IsSealed ? "sealed class" : type.IsAbstract ? "abstract class" : "class";
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        FieldInfo field => Describe(field),
        PropertyInfo property => Describe(property),
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        MethodInfo method when IsVisible(method) => Modifiers(method) + Signature(method, method.Name),
        ConstructorInfo constructor when IsVisible(constructor) && !constructor.IsStatic => "new" + Parameters(constructor),
        EventInfo { AddMethod: { } add } own when IsVisible(add) => $"{own.Name} event {Name(own.EventHandlerType!)}",
        _ => null,
    };

    private static string? Describe(FieldInfo field)
    {
        if (!(field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) || field.IsSpecialName) return null;
        string text = $"{field.Name} : {Name(field.FieldType)}";
        if (field.IsLiteral) return $"{field.Name} = {Literal(field.GetRawConstantValue())}";
        return field.IsInitOnly ? text + " (readonly)" : text;
    }

    private static string? Describe(PropertyInfo property)
    {
        MethodInfo? get = property.GetMethod is { } getter && IsVisible(getter) ? getter : null;
        MethodInfo? set = property.SetMethod is { } setter && IsVisible(setter) ? setter : null;
        if ((get ?? set) is not { } accessor) return null;

        bool isInit = set?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        string accessors = (get is null ? "" : "get; ") + (set is null ? "" : isInit ? "init; " : "set; ");
        string index = property.GetIndexParameters().Length == 0 ? "" : "[" + Join(property.GetIndexParameters()) + "]";
        bool isRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        return Modifiers(accessor) + (isRequired ? "required " : "")
            + $"{property.Name}{index} : {Name(property.PropertyType)} {{ {accessors}}}";
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Modifiers(MethodBase method)
    {
        string text = method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "";
        if (method.IsStatic) text += "static ";
        if (method.DeclaringType!.IsInterface) return text + (method.IsAbstract || method.IsStatic ? "" : "default ");
        return method.IsAbstract ? text + "abstract " : method.IsVirtual && !method.IsFinal ? text + "virtual " : text;
    }

    private static string Signature(MethodInfo method, string name)
    {
        string generic = method.IsGenericMethod ? "<" + string.Join(", ", method.GetGenericArguments().Select(Name)) + ">" : "";
        return $"{name}{generic}{Parameters(method)} : {Name(method.ReturnType)}";
    }

    private static string Parameters(MethodBase method) => "(" + Join(method.GetParameters()) + ")";

    private static string Join(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Describe));

    private static string Describe(ParameterInfo parameter)
    {
        StringBuilder text = new();
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        if (isParams) text.Append("params ");
        if (parameter.ParameterType.IsByRef) text.Append(parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ");
        text.Append(Name(parameter.ParameterType)).Append(' ').Append(parameter.Name);
        if (parameter.HasDefaultValue) text.Append(" = ").Append(Literal(parameter.RawDefaultValue));
        return text.ToString();
    }

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter) return type.Name;
        string name = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        if (!type.IsGenericType) return name;
        int tick = name.LastIndexOf('`');
        string arguments = string.Join(", ", type.GetGenericArguments().Select(Name));
        return $"{(tick < 0 ? name : name[..tick])}<{arguments}>";
    }
}
