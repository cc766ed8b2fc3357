// All commands, by name. Who registered a command owns its name; the configuration may rename it.

using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Commands;

internal sealed class CommandTable
{
    private readonly CommandNameTable _byName = new();
    private readonly Dictionary<string, Command> _byOriginalName = [];

    /// <summary>Counts changes: caches of lookups compare it.</summary>
    public int Version { get; private set; }

    /// <summary>Top-level commands.</summary>
    public IEnumerable<Command> All => _byOriginalName.Values;

    public int Count => _byOriginalName.Count;

    /// <summary>Finds a top-level command by the name that clients use.</summary>
    public Command? Find(ReadOnlySpan<byte> name) => _byName.Find(name);

    /// <summary>Finds <c>get</c> or <c>client|list</c> by its original name.</summary>
    public Command? FindOriginal(string fullName)
    {
        int bar = fullName.IndexOf('|', StringComparison.Ordinal);
        if (!_byOriginalName.TryGetValue((bar < 0 ? fullName : fullName[..bar]).ToLowerInvariant(), out Command? command) || bar < 0) return command;
        return command.Subcommands?.Find(Encoding.UTF8.GetBytes(fullName[(bar + 1)..]));
    }

    /// <summary>Finds a command or <c>container|subcommand</c> by the name that clients use.</summary>
    public Command? FindNamed(ReadOnlySpan<byte> name)
    {
        int bar = name.IndexOf((byte)'|');
        if (bar < 0) return Find(name);
        return Find(name[..bar])?.Subcommands?.Find(name[(bar + 1)..]);
    }

    /// <summary>The command or subcommand that such arguments call.</summary>
    public Command? FindFor(CommandArguments arguments)
    {
        Command? command = Find(arguments[0]);
        if (command?.Subcommands is null || arguments.Count < 2) return command;
        return command.Subcommands.Find(arguments[1]) ?? (command.Handler is null ? null : command);
    }

    /// <summary>Adds a command or subcommand; disposing the result takes it out again.</summary>
    public IDisposable Add(CommandDefinition definition, string owner)
    {
        int bar = definition.Name.IndexOf('|', StringComparison.Ordinal);
        Command? parent = null;
        if (bar >= 0 && !_byOriginalName.TryGetValue(definition.Name[..bar], out parent))
            throw new InvalidOperationException($"the subcommand '{definition.Name}' has no container");
        if (FindOriginal(definition.Name) is { } existing)
            throw new InvalidOperationException($"the command '{definition.Name}' of {owner} is there already: it belongs to {existing.Owner}");
        Command command = new(definition, owner, parent);
        if (parent is null)
        {
            _byOriginalName.Add(command.Name, command);
            _byName.Add(command.ShortNameBytes, command);
        }
        else
        {
            parent.AddSubcommand(command);
        }

        Version++;
        return new Registration(() => Remove(command));
    }

    /// <summary>Gives a command another name, or none when it is empty. Null or what is wrong.</summary>
    public string? Rename(string originalName, string newName)
    {
        if (!_byOriginalName.TryGetValue(originalName.ToLowerInvariant(), out Command? command)) return "No such command in rename-command";
        _byName.Remove(command.ClientNameBytes);
        if (newName.Length > 0)
        {
            byte[] name = Encoding.UTF8.GetBytes(newName);
            if (_byName.Find(name) is not null) return "Target command name already exists";
            _byName.Add(name, command);
            command.ClientNameBytes = CommandNameTable.Lower(name);
        }

        Version++;
        return null;
    }

    public void ResetStatistics()
    {
        foreach (Command command in All) command.ResetStatistics();
    }

    private void Remove(Command command)
    {
        Version++;
        command.Retire();
        if (command.Parent is not null)
        {
            command.Parent.RemoveSubcommand(command);
            return;
        }

        _byOriginalName.Remove(command.Name);
        _byName.Remove(command.ClientNameBytes);
    }
}

/// <summary>Takes something out again when it is disposed; once.</summary>
internal sealed class Registration(Action undo) : IDisposable
{
    private Action? _undo = undo;

    public void Dispose()
    {
        Action? undo = _undo;
        _undo = null;
        undo?.Invoke();
    }
}
