namespace Valkey.Rdb;

/// <summary>The name in a module type's id.</summary>
internal static class ModuleTypeName
{
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const int NameLength = 9;
    private const int CharacterBits = 6;
    private const int VersionBits = 10;

    /// <summary>Nine characters.</summary>
    public static string Of(ulong moduleId)
    {
        Span<char> name = stackalloc char[NameLength];
        ulong rest = moduleId >> VersionBits;
        for (int i = NameLength - 1; i >= 0; i--)
        {
            name[i] = Characters[(int)(rest & 0x3F)];
            rest >>= CharacterBits;
        }

        return new string(name);
    }
}
