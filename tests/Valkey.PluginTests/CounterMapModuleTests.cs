using FsCheck;
using FsCheck.Fluent;
using Valkey.Abstractions;
using Valkey.Host.Plugins;
using Valkey.PluginTests.Fakes;
using Valkey.Structures;
using Xunit;

namespace Valkey.PluginTests;

public sealed class CounterMapModuleTests : IDisposable
{
    private readonly FakeHost _host = new();
    private readonly FakeCommandContext _ctx = new();
    private readonly long _usedBytesBefore;

    public CounterMapModuleTests()
    {
        PluginSource source = new(BuiltPlugins.Sample("CounterMapModule"), [], IsModule: true);
        new PluginCatalog(_host).Load(source, new ModuleOptionValues());
        _usedBytesBefore = NativeHeap.UsedBytes;
    }

    private DataType Type => _host.DataType("cmap");

    [Fact]
    public void CMAP_INCRBY_creates_and_adds()
    {
        Assert.Equal(":5", Run("cmap.incrby k a 5"));
        Assert.Equal(":3", Run("cmap.incrby k a -2"));
        Assert.Equal(":1", Run("cmap.incrby k b 1"));

        Assert.Equal(":2", Run("cmap.len k"));
        Assert.Equal("modified k 1", _ctx.Effects[0]);
        Assert.Equal("Module cmap.incrby k", _ctx.Effects[1]);
    }

    [Theory]
    [InlineData("9223372036854775807", "1")]
    [InlineData("-9223372036854775808", "-1")]
    public void CMAP_INCRBY_that_would_overflow_is_an_error_and_changes_nothing(string first, string second)
    {
        Assert.Equal(":" + first, Run($"cmap.incrby k a {first}"));
        int effectCount = _ctx.Effects.Count;

        Assert.Equal("-ERR increment or decrement would overflow", Run($"cmap.incrby k a {second}"));

        Assert.Equal(":" + first, Run("cmap.get k a"));
        Assert.Equal(effectCount, _ctx.Effects.Count);
    }

    [Fact]
    public void CMAP_INCRBY_with_something_that_is_no_number_creates_no_key()
    {
        Assert.Equal("-ERR value is not an integer or out of range", Run("cmap.incrby k a x"));

        Assert.Equal(0, _ctx.KeyCount);
    }

    [Fact]
    public void What_is_not_there_is_null_zero_or_empty()
    {
        Run("cmap.incrby k a 1");

        Assert.Equal("_", Run("cmap.get k b"));
        Assert.Equal("_", Run("cmap.get nokey a"));
        Assert.Equal(":0", Run("cmap.len nokey"));
        Assert.Equal("%0", Run("cmap.getall nokey"));
        Assert.Equal(":0", Run("cmap.del nokey a"));
        Assert.Equal(":0", Run("cmap.del k b"));
    }

    [Fact]
    public void CMAP_GETALL_replies_all_pairs()
    {
        Run("cmap.incrby k a 7");

        Assert.Equal("%1 $1 a :7", Run("cmap.getall k"));
        Assert.Equal("*2 $1 a :7", _ctx.Run(_host.Command("cmap.getall"), 2, "cmap.getall", "k"));
    }

    [Fact]
    public void CMAP_DEL_of_the_last_field_deletes_the_key()
    {
        Run("cmap.incrby k a 1");
        Run("cmap.incrby k b 1");
        _ctx.Effects.Clear();

        Assert.Equal(":2", Run("cmap.del k a b c"));

        Assert.Equal(0, _ctx.KeyCount);
        Assert.Equal(["modified k 2", "Module cmap.del k", "Generic del k"], _ctx.Effects);
        Assert.Equal(_usedBytesBefore, NativeHeap.UsedBytes);
    }

    [Theory]
    [InlineData("cmap.incrby k a 1")]
    [InlineData("cmap.get k a")]
    [InlineData("cmap.getall k")]
    [InlineData("cmap.len k")]
    [InlineData("cmap.del k a")]
    public void A_key_of_another_type_is_refused(string command)
    {
        _ctx.SetValue("k"u8, new OtherType(), 0, 0);

        Assert.Equal("-WRONGTYPE Operation against a key holding the wrong kind of value", Run(command));
    }

    [Fact]
    public void A_map_of_any_history_equals_its_model()
    {
        Property property = Prop.ForAll(
            ArbMap.Default.ArbFor<(byte Field, bool IsRemoval, int Amount)[]>(),
            operations =>
            {
                using FakeCommandContext ctx = new();
                Dictionary<string, long> model = [];
                foreach ((byte number, bool isRemoval, int amount) in operations)
                {
                    string field = new('f', number % 40);
                    Assert.Equal(Apply(model, field, isRemoval, amount), Apply(ctx, field, isRemoval, amount));
                }

                Assert.Equal(model, Content(ctx, "k"));
            });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), property);
        Assert.Equal(_usedBytesBefore, NativeHeap.UsedBytes);
    }

    [Fact]
    public void Thousands_of_fields_come_and_go_without_a_leak()
    {
        for (int i = 0; i < 5000; i++) Run($"cmap.incrby k field:{i} {i}");
        Assert.Equal(":5000", Run("cmap.len k"));
        for (int i = 0; i < 5000; i += 2) Assert.Equal(":1", Run($"cmap.del k field:{i}"));
        for (int i = 1; i < 5000; i += 2) Assert.Equal($":{i}", Run($"cmap.get k field:{i}"));

        _ctx.Delete("k"u8);

        Assert.Equal(_usedBytesBefore, NativeHeap.UsedBytes);
    }

    [Fact]
    public void A_value_that_was_saved_and_loaded_is_the_same()
    {
        Fill("k", 100);
        RecordedValue saved = Save("k");

        _ctx.AddEntry(Type.Load("loaded"u8, saved, _ctx));

        Assert.Equal(ModuleTypeId.TypeCode, saved.TypeCode);
        Assert.Equal(Content(_ctx, "k"), Content(_ctx, "loaded"));
        Assert.Equal(Digest("k"), Digest("loaded"));
    }

    [Fact]
    public void A_value_that_was_cut_or_doubled_is_refused_and_leaks_nothing()
    {
        Fill("k", 10);
        RecordedValue saved = Save("k");
        long usedBytes = NativeHeap.UsedBytes;

        for (int partCount = 0; partCount < saved.Parts.Count; partCount++)
        {
            RecordedValue cut = new(saved.Parts[..partCount]);
            Assert.Throws<InvalidDataException>(() => Type.Load("cut"u8, cut, _ctx));
        }

        RecordedValue doubled = new([2UL, "a"u8.ToArray(), 1UL, "a"u8.ToArray(), 1UL]);
        Assert.Throws<InvalidDataException>(() => Type.Load("doubled"u8, doubled, _ctx));
        Assert.Throws<InvalidDataException>(() => Type.Load("empty"u8, new RecordedValue([0UL]), _ctx));
        Assert.Throws<InvalidDataException>(() => Type.Load("huge"u8, new RecordedValue([ulong.MaxValue]), _ctx));
        Assert.Equal(usedBytes, NativeHeap.UsedBytes);
    }

    [Fact]
    public void A_copy_lives_on_its_own()
    {
        Fill("k", 20);
        KeyEntry entry = _ctx.LookupRead("k"u8);
        _ctx.AddEntry(Type.Copy("copy"u8, _ctx.ValueOf(entry), _ctx));
        Dictionary<string, long> before = Content(_ctx, "k");

        Run("cmap.incrby copy f1 1000");
        Run("cmap.del copy f2");

        Assert.Equal(before, Content(_ctx, "k"));
        Assert.Equal(19, Type.ElementCount(_ctx.ValueOf(_ctx.LookupRead("copy"u8))));
    }

    [Fact]
    public void Memory_usage_is_what_the_value_really_owns()
    {
        long usedBytes = NativeHeap.UsedBytes;
        Fill("k", 500);
        Run("cmap.del k f1 f2 f3");

        long stated = Type.MemoryUsageBytes(_ctx.ValueOf(_ctx.LookupRead("k"u8)), samples: 0);

        Assert.Equal(NativeHeap.UsedBytes - usedBytes, stated);
    }

    [Fact]
    public void The_digest_does_not_depend_on_the_order_of_insertion_but_on_which_counter_is_whose()
    {
        foreach (string command in (string[])["x a 1", "x b 2", "y b 2", "y a 1", "z a 2", "z b 1"])
            Run("cmap.incrby " + command);

        Assert.Equal(Digest("x"), Digest("y"));
        Assert.NotEqual(Digest("x"), Digest("z"));
    }

    [Fact]
    public void Defragmentation_moves_every_block_and_keeps_the_content()
    {
        Fill("k", 50);
        Dictionary<string, long> before = Content(_ctx, "k");
        MovingDefragmenter defragmenter = new();
        KeyEntry entry = _ctx.LookupRead("k"u8);

        _ctx.UpdatePayload(entry, 0, Type.Defrag(_ctx.ValueOf(entry), defragmenter));

        Assert.Equal(51, defragmenter.MoveCount);
        Assert.Equal(before, Content(_ctx, "k"));
    }

    [Fact]
    public void The_type_has_an_id_for_the_RDB_format()
    {
        Assert.Equal(ModuleTypeId.Of("cntr-map_", 0), Type.ModuleId);
        Assert.True(ModuleTypeId.IsSameType(Type.ModuleId, ModuleTypeId.Of("cntr-map_", 7)));
        Assert.False(ModuleTypeId.IsSameType(Type.ModuleId, ModuleTypeId.Of("cntr-map-", 0)));
    }

    public void Dispose()
    {
        _ctx.Dispose();
        Assert.Equal(_usedBytesBefore, NativeHeap.UsedBytes);
    }

    private string Run(string command) => Run(_ctx, command.Split(' '));

    private string Run(FakeCommandContext ctx, params string[] arguments) =>
        ctx.Run(_host.Command(arguments[0]), 3, arguments);

    private void Fill(string key, int fieldCount)
    {
        for (int i = 1; i <= fieldCount; i++) Run($"cmap.incrby {key} f{i} {i * (i % 2 == 0 ? 1 : -1)}");
    }

    private static string Apply(Dictionary<string, long> model, string field, bool isRemoval, int amount)
    {
        if (isRemoval) return model.Remove(field) ? ":1" : ":0";
        model[field] = model.GetValueOrDefault(field) + amount;
        return ":" + model[field];
    }

    private string Apply(FakeCommandContext ctx, string field, bool isRemoval, int amount) => isRemoval
        ? Run(ctx, "cmap.del", "k", field)
        : Run(ctx, "cmap.incrby", "k", field, amount.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private Dictionary<string, long> Content(FakeCommandContext ctx, string key)
    {
        Dictionary<string, long> content = [];
        if (ctx.LookupRead(System.Text.Encoding.Latin1.GetBytes(key)) is not { Exists: true } entry) return content;

        RecordedValue saved = new([]);
        Type.Save(ctx.ValueOf(entry), saved);
        for (int i = 1; i < saved.Parts.Count; i += 2)
            content.Add(System.Text.Encoding.Latin1.GetString((byte[])saved.Parts[i]), (long)(ulong)saved.Parts[i + 1]);
        return content;
    }

    private RecordedValue Save(string key)
    {
        RecordedValue saved = new([]);
        Type.Save(_ctx.ValueOf(_ctx.LookupRead(System.Text.Encoding.Latin1.GetBytes(key))), saved);
        return saved;
    }

    private string Digest(string key)
    {
        DigestText digest = new();
        Type.Digest(_ctx.ValueOf(_ctx.LookupRead(System.Text.Encoding.Latin1.GetBytes(key))), digest);
        return digest.Text;
    }

    private sealed class DigestText : IDigestSink
    {
        private readonly List<string> _elements = [];

        public string Text => string.Join(' ', _elements.Order());

        public void AddUnordered(ReadOnlySpan<byte> element) => _elements.Add(Convert.ToHexString(element));

        public void AddOrdered(ReadOnlySpan<byte> element) => throw new InvalidOperationException("The type has no order.");
    }

    private sealed class MovingDefragmenter : IDefragmenter
    {
        public int MoveCount { get; private set; }

        public unsafe nint Move(nint address, nuint sizeBytes)
        {
            MoveCount++;
            nint moved = NativeHeap.Allocate(sizeBytes);
            new ReadOnlySpan<byte>((void*)address, (int)sizeBytes).CopyTo(new Span<byte>((void*)moved, (int)sizeBytes));
            NativeHeap.Free(address, sizeBytes);
            return moved;
        }
    }

    private sealed class OtherType : DataType
    {
        public override string Name => "other";

        public override string EncodingName(in StoredValue value) => "raw";

        public override void Free(in StoredValue value) { }

        public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory) => default;

        public override long MemoryUsageBytes(in StoredValue value, int samples) => 0;

        public override long ElementCount(in StoredValue value) => 0;

        public override void Save(in StoredValue value, IValueWriter writer) { }

        public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory) => default;

        public override void Digest(in StoredValue value, IDigestSink sink) { }
    }
}
