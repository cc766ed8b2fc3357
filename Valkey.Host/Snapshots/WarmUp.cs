// Compiles what a background save without a fork will run, before it is needed: compiling it within the first save held up the
// commands for 5 to 30 ms. A helper does it, a second after the start; a save that comes sooner only is slower to begin.

using System.Reflection;
using System.Runtime.CompilerServices;
using Valkey.Abstractions;

namespace Valkey.Host.Snapshots;

internal sealed class WarmUp(Server server)
{
    private const int DelayMs = 1000;

    private static readonly string[] s_ownNamespaces = [typeof(WarmUp).Namespace!, typeof(Iteration.IterationService).Namespace!];

    /// <summary>Sees to it, where entries can be lent at all.</summary>
    public void Start()
    {
        if (Iteration.IterationService.IsSupported) server.Loop.Timers.Start(DelayMs, 0, Begin);
    }

    private void Begin()
    {
        server.Iterations.Prepare();
        HashSet<Assembly> plugins = [];
        foreach (IPersistenceProvider provider in server.Snapshots.Providers) plugins.Add(provider.GetType().Assembly);
        if (server.Snapshots.Format is { } format) plugins.Add(format.GetType().Assembly);
        server.BackgroundWork.Run("prepare-saving", () => Prepare(plugins), Ended);
    }

    private void Ended(Exception? failure)
    {
        // Nothing is lost: what could not be compiled ahead is compiled when it runs.
        if (failure is not null) server.Log.Write(LogLevel.Debug, $"Not all of saving could be compiled ahead: {failure.Message}");
    }

    private static void Prepare(HashSet<Assembly> plugins)
    {
        foreach (Type type in typeof(WarmUp).Assembly.GetTypes())
        {
            if (Array.IndexOf(s_ownNamespaces, type.Namespace) >= 0) Prepare(type);
        }

        foreach (Assembly plugin in plugins)
        {
            foreach (Type type in plugin.GetTypes()) Prepare(type);
        }
    }

    private static void Prepare(Type type)
    {
        const BindingFlags All =
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        if (type.ContainsGenericParameters) return;
        foreach (MemberInfo member in type.GetMembers(All))
        {
            if (member is MethodBase { IsAbstract: false, ContainsGenericParameters: false } method)
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            else if (member is FieldInfo { FieldType: { IsConstructedGenericType: true, ContainsGenericParameters: false } field })
                PrepareInstance(field);
        }
    }

    /// <summary>A collection of our own structures: nobody has compiled it for them yet.</summary>
    private static void PrepareInstance(Type type)
    {
        const BindingFlags Public = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        Type[] arguments = type.GetGenericArguments();
        if (!Array.Exists(arguments, static argument => argument.IsValueType && !argument.IsPrimitive)) return;
        RuntimeTypeHandle[] instantiation = Array.ConvertAll(arguments, static argument => argument.TypeHandle);
        foreach (MemberInfo member in type.GetMembers(Public))
        {
            if (member is MethodBase { IsAbstract: false, IsGenericMethod: false } method)
                RuntimeHelpers.PrepareMethod(method.MethodHandle, instantiation);
        }
    }
}
