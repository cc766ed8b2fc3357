using System.Text;
using Valkey.Structures;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Valkey.PubSub.Tests;

public sealed class SubscriptionsTests
{
    private static readonly SubscriptionKind[] s_kinds = [SubscriptionKind.Channel, SubscriptionKind.Pattern, SubscriptionKind.ShardChannel];

    [Fact]
    public void Random_subscribers_that_come_and_go_are_the_model_s_and_leave_no_memory_behind()
    {
        for (int run = 0; run < 20; run++)
        {
            int seed = run == 0 ? 4711 : Random.Shared.Next();
            try
            {
                CheckAgainstModel(new Random(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Failed with seed {seed}.", failure);
            }
        }
    }

    [Fact]
    public void A_message_is_told_once_to_the_channel_s_subscribers_and_once_for_each_pattern_that_fits()
    {
        FakeClients clients = new();
        Subscriptions subscriptions = new(clients);
        Publisher publisher = new(clients, subscriptions);
        FakeClient old = new(1, 2), modern = new(2, 3);
        Add(subscriptions, old, SubscriptionKind.Channel, "news");
        Add(subscriptions, modern, SubscriptionKind.Channel, "news");
        Add(subscriptions, modern, SubscriptionKind.Pattern, "n*");
        Add(subscriptions, modern, SubscriptionKind.Pattern, "x*");

        int receiverCount = publisher.Publish("news"u8, "hello"u8);

        Assert.Equal(3, receiverCount);
        Assert.Equal(["*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n"], old.Received);
        Assert.Equal(
            [">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n", ">4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$5\r\nhello\r\n"],
            modern.Received);
        Assert.Equal(0, publisher.PublishToShard("news"u8, "hello"u8));
    }

    [Theory]
    [InlineData(900)]
    [InlineData(1024)]
    [InlineData(100_000)]
    public void Messages_of_every_size_arrive_whole(int sizeBytes)
    {
        FakeClients clients = new();
        Subscriptions subscriptions = new(clients);
        FakeClient client = new(1, 2);
        Add(subscriptions, client, SubscriptionKind.ShardChannel, "c");
        string message = new('m', sizeBytes);

        Assert.Equal(1, new Publisher(clients, subscriptions).PublishToShard("c"u8, Encoding.ASCII.GetBytes(message)));

        Assert.Equal([$"*3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n${sizeBytes}\r\n{message}\r\n"], client.Received);
    }

    private static void CheckAgainstModel(Random random)
    {
        long bytesBefore = NativeHeap.UsedBytes;
        FakeClients clients = new();
        Subscriptions subscriptions = new(clients);
        List<FakeClient> alive = [];
        HashSet<(FakeClient Client, SubscriptionKind Kind, string Name)> model = [];
        for (int step = 0; step < 3000; step++)
        {
            if (alive.Count < 10) alive.Add(new FakeClient(step, 2));
            FakeClient client = alive[random.Next(alive.Count)];
            SubscriptionKind kind = s_kinds[random.Next(3)];
            string name = "channel-" + random.Next(20);
            switch (random.Next(10))
            {
                case < 6:
                    Add(subscriptions, client, kind, name);
                    model.Add((client, kind, name));
                    break;
                case < 8:
                    Remove(subscriptions, client, kind, name);
                    model.Remove((client, kind, name));
                    break;
                case 8:
                    CheckRemovalOfAll(subscriptions, client, kind, model);
                    break;
                default:
                    clients.End(client);
                    alive.Remove(client);
                    model.RemoveWhere(item => item.Client == client);
                    break;
            }

            Compare(subscriptions, model, client);
        }

        foreach (FakeClient client in alive) clients.End(client);
        Assert.All(s_kinds, kind => Assert.Equal(0, subscriptions[kind].Count));
        foreach (SubscriptionKind kind in s_kinds) subscriptions[kind].Free();
        Assert.Equal(bytesBefore, NativeHeap.UsedBytes);
    }

    private static void CheckRemovalOfAll(
        Subscriptions subscriptions, FakeClient client, SubscriptionKind kind,
        HashSet<(FakeClient Client, SubscriptionKind Kind, string Name)> model)
    {
        List<string> removed = [];
        Subscriber subscriber = subscriptions.Of(client);
        subscriptions.RemoveAll(subscriber, kind, name => removed.Add(Encoding.ASCII.GetString(name)));
        subscriptions.Changed(subscriber);

        IEnumerable<string> expected = model.Where(item => item.Client == client && item.Kind == kind).Select(item => item.Name);
        Assert.Equal(expected.Order(), removed.Order());
        model.RemoveWhere(item => item.Client == client && item.Kind == kind);
    }

    private static void Compare(
        Subscriptions subscriptions, HashSet<(FakeClient Client, SubscriptionKind Kind, string Name)> model, FakeClient client)
    {
        foreach (SubscriptionKind kind in s_kinds)
        {
            Dictionary<string, int> names = model.Where(item => item.Kind == kind).CountBy(item => item.Name).ToDictionary();
            Assert.Equal(names.Count, subscriptions[kind].Count);
            foreach ((string name, int count) in names)
                Assert.Equal(count, subscriptions[kind].SubscriberCount(Encoding.ASCII.GetBytes(name)));
        }

        if (client.State is null) return;
        Assert.Equal(model.Count(item => item.Client == client && item.Kind == SubscriptionKind.Channel), client.Subscriptions.ChannelCount);
        Assert.Equal(model.Count(item => item.Client == client), client.Subscriptions.Count);
    }

    private static void Add(Subscriptions subscriptions, FakeClient client, SubscriptionKind kind, string name)
    {
        Subscriber subscriber = subscriptions.Of(client);
        subscriptions.Add(subscriber, kind, Encoding.ASCII.GetBytes(name));
        subscriptions.Changed(subscriber);
    }

    private static void Remove(Subscriptions subscriptions, FakeClient client, SubscriptionKind kind, string name)
    {
        Subscriber subscriber = subscriptions.Of(client);
        subscriptions.Remove(subscriber, kind, Encoding.ASCII.GetBytes(name));
        subscriptions.Changed(subscriber);
    }
}
