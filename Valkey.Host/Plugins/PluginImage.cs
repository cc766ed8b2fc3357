// What a plugin's file says about itself, read from its metadata without loading it: not a line of its code has run when
// we refuse it. Formats: PE/COFF and ECMA-335 partition II (System.Reflection.Metadata reads both).

using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Valkey.Host.Plugins;

/// <summary>The facts of an assembly file that decide whether it can be a plugin here.</summary>
internal sealed class PluginImage
{
    private const string ExportNamespace = "System.Composition";
    private const string ExportName = "ExportAttribute";
    private const string ExportedContract = "Valkey.Abstractions.IValkeyPlugin";
    private const byte ClassElementType = 0x12;
    private const ushort AttributeProlog = 1;

    private readonly Dictionary<string, Version> _references = [];

    private PluginImage(string path, Machine machine, bool requires32Bit)
    {
        Path = path;
        Machine = machine;
        Requires32Bit = requires32Bit;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The processor that the image is for; I386 also stands for "any".</summary>
    public Machine Machine { get; }

    /// <summary>Together with I386: really for 32 bits only.</summary>
    public bool Requires32Bit { get; }

    /// <summary>As the compiler noted it, <c>.NETCoreApp,Version=v10.0</c>; empty when it did not.</summary>
    public string TargetFramework { get; private set; } = "";

    /// <summary>Full names of the classes that carry <c>[Export(typeof(IValkeyPlugin))]</c>.</summary>
    public List<string> Exports { get; } = [];

    /// <summary>Whether it uses more of MEF than [Export]: its parts are connected by imports.</summary>
    public bool UsesImports { get; private set; }

    /// <summary>The version of another assembly that this one was compiled against, or null.</summary>
    public Version? ReferenceTo(string assemblyName) => _references.GetValueOrDefault(assemblyName);

    /// <summary>Reads a file.</summary>
    /// <exception cref="PluginLoadException">It is not there, cannot be read, or is no .NET assembly.</exception>
    public static PluginImage Read(string path)
    {
        if (!File.Exists(path)) throw new PluginLoadException(path, "there is no such file");
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (IsElf(bytes)) throw new PluginLoadException(path, "it is a native library (ELF), not a .NET assembly");
            return Read(path, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PluginLoadException(path, "it cannot be read: " + e.Message, e);
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException or ArgumentException)
        {
            throw new PluginLoadException(path, "it is not a .NET assembly, or a damaged one", e);
        }
    }

    private static PluginImage Read(string path, byte[] bytes)
    {
        using PEReader file = new(ImmutableArray.Create(bytes));
        if (file.PEHeaders.CorHeader is not { } header)
            throw new PluginLoadException(path, "it is a native library (PE), not a .NET assembly");

        RefuseTruncated(path, file.PEHeaders, bytes.Length);
        MetadataReader metadata = file.GetMetadataReader();
        if (!metadata.IsAssembly) throw new PluginLoadException(path, "it is a .NET module without an assembly manifest");

        PluginImage image = new(
            path, file.PEHeaders.CoffHeader.Machine, (header.Flags & CorFlags.Requires32Bit) != 0);
        image.ReadReferences(metadata);
        image.ReadFramework(metadata);
        image.ReadExports(metadata);
        image.ReadUseOfMef(metadata);
        return image;
    }

    // Metadata may be whole although the file's end is missing; the loader would find out much later, with less of a reason.
    private static void RefuseTruncated(string path, PEHeaders headers, int fileSizeBytes)
    {
        foreach (SectionHeader section in headers.SectionHeaders)
        {
            if (section.PointerToRawData + (long)section.SizeOfRawData > fileSizeBytes)
                throw new PluginLoadException(path, "it is truncated: its headers promise more than the file holds");
        }
    }

    private static bool IsElf(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\u007fELF"u8);

    private void ReadReferences(MetadataReader metadata)
    {
        foreach (AssemblyReferenceHandle handle in metadata.AssemblyReferences)
        {
            AssemblyReference reference = metadata.GetAssemblyReference(handle);
            _references[metadata.GetString(reference.Name)] = reference.Version;
        }
    }

    private void ReadFramework(MetadataReader metadata)
    {
        foreach (CustomAttributeHandle handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (!IsAttribute(metadata, attribute, "System.Runtime.Versioning", "TargetFrameworkAttribute", out _)) continue;
            TargetFramework = FirstString(metadata, attribute) ?? "";
        }
    }

    private void ReadExports(MetadataReader metadata)
    {
        foreach (TypeDefinitionHandle typeHandle in metadata.TypeDefinitions)
        {
            TypeDefinition type = metadata.GetTypeDefinition(typeHandle);
            foreach (CustomAttributeHandle handle in type.GetCustomAttributes())
            {
                CustomAttribute attribute = metadata.GetCustomAttribute(handle);
                if (IsPluginExport(metadata, attribute)) Exports.Add(FullName(metadata, type));
            }
        }
    }

    private void ReadUseOfMef(MetadataReader metadata)
    {
        foreach (TypeReferenceHandle handle in metadata.TypeReferences)
        {
            TypeReference type = metadata.GetTypeReference(handle);
            if (!metadata.StringComparer.Equals(type.Namespace, ExportNamespace)) continue;
            if (!metadata.StringComparer.Equals(type.Name, ExportName)) UsesImports = true;
        }
    }

    private static bool IsPluginExport(MetadataReader metadata, CustomAttribute attribute)
    {
        if (!IsAttribute(metadata, attribute, ExportNamespace, ExportName, out BlobHandle signature)) return false;
        if (!TakesOneType(metadata.GetBlobReader(signature))) return false;

        // A type argument is stored as its name, with its assembly behind a comma.
        string? typeName = FirstString(metadata, attribute);
        return typeName is not null && typeName.Split(',')[0] == ExportedContract;
    }

    // Of the attribute's four constructors only ExportAttribute(Type) names a type and no contract name.
    private static bool TakesOneType(BlobReader signature)
    {
        signature.ReadSignatureHeader();
        if (signature.ReadCompressedInteger() != 1) return false;
        signature.ReadSignatureTypeCode(); // returns void
        return signature.ReadByte() == ClassElementType;
    }

    private static bool IsAttribute(
        MetadataReader metadata, CustomAttribute attribute, string typeNamespace, string typeName, out BlobHandle signature)
    {
        signature = default;
        if (attribute.Constructor.Kind != HandleKind.MemberReference) return false;

        MemberReference constructor = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor);
        signature = constructor.Signature;
        if (constructor.Parent.Kind != HandleKind.TypeReference) return false;

        TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)constructor.Parent);
        return metadata.StringComparer.Equals(type.Name, typeName)
            && metadata.StringComparer.Equals(type.Namespace, typeNamespace);
    }

    private static string? FirstString(MetadataReader metadata, CustomAttribute attribute)
    {
        BlobReader value = metadata.GetBlobReader(attribute.Value);
        return value.ReadUInt16() == AttributeProlog ? value.ReadSerializedString() : null;
    }

    private static string FullName(MetadataReader metadata, TypeDefinition type)
    {
        string name = metadata.GetString(type.Name);
        if (!type.GetDeclaringType().IsNil)
            return FullName(metadata, metadata.GetTypeDefinition(type.GetDeclaringType())) + "+" + name;
        string typeNamespace = metadata.GetString(type.Namespace);
        return typeNamespace.Length == 0 ? name : typeNamespace + "." + name;
    }
}
