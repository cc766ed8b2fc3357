// What a plugin has registered, so that all of it can be taken back: when it is unloaded, and when its Load throws.
// Holds always: nothing is in here that was disposed before, so a plugin that starts a timer an hour costs nothing.
// Command thread only.

namespace Valkey.Host.Plugins;

/// <summary>The undo list of one plugin.</summary>
internal sealed class Registrations
{
    private readonly LinkedList<IDisposable> _inOrder = new();

    /// <summary>How many there are.</summary>
    public int Count => _inOrder.Count;

    /// <summary>Remembers a registration. Disposing the result takes it back now.</summary>
    public Registration Add(IDisposable registration) => new(_inOrder, registration);

    /// <summary>Takes everything back, the last first: a command before the type that it works on.</summary>
    /// <param name="failed">Hears of those that threw; the others are taken back all the same.</param>
    public void DropAll(Action<Exception> failed)
    {
        while (_inOrder.Last is { } last)
        {
            _inOrder.RemoveLast();
            try
            {
                last.Value.Dispose();
            }
            catch (Exception e)
            {
                failed(e);
            }
        }
    }

    /// <summary>One registration.</summary>
    internal sealed class Registration : IDisposable
    {
        private readonly LinkedListNode<IDisposable> _node;

        public Registration(LinkedList<IDisposable> list, IDisposable inner) => _node = list.AddLast(inner);

        /// <summary>Takes it back, once.</summary>
        public void Dispose()
        {
            if (_node.List is not { } list) return;
            list.Remove(_node);
            _node.Value.Dispose();
        }
    }
}
