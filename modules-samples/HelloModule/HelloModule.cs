// The Hello module: says what there is. The commands are in HelloCommands.cs.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Samples.Hello;

/// <summary>Registers one command per kind of reply, an option, a section of INFO and a timer.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class HelloModule : IValkeyPlugin
{
    private static readonly TimeSpan s_tickPeriod = TimeSpan.FromSeconds(1);

    // Only touched on the command thread, where the timer fires and INFO is answered: no lock.
    private long _tickCount;

    /// <inheritdoc/>
    public string Name => "hello";

    /// <inheritdoc/>
    public Version Version => typeof(HelloModule).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.Options.Add(HelloCommands.Greeting); // the server calls it hello.greeting
        HelloCommands.Register(context.Commands);    // generated from the [Command] attributes
        context.Info.AddSection("hello", WriteInfo);
        context.Timers.Every(s_tickPeriod, () => _tickCount++);
        if (context.Arguments.Count > 0) context.Log.Write(LogLevel.Notice, "arguments: " + string.Join(' ', context.Arguments));
    }

    /// <inheritdoc/>
    public void Unload() { } // all that refers to us is in the server's registries, and the server clears those

    private void WriteInfo(InfoWriter info)
    {
        info.Field("hello_greeting", HelloCommands.Greeting.Value);
        info.Field("hello_ticks", _tickCount);
    }
}
