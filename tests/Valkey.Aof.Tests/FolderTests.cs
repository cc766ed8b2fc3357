// The folder: what is written where, what is deleted, and the move of an old server's single file.

using Valkey.Aof.Files;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class FolderTests : IDisposable
{
    private readonly AofWorkspace _workspace = new();

    private AofFolder Folder => _workspace.Folder;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Without_a_folder_or_a_manifest_there_is_nothing_and_that_is_no_error()
    {
        Assert.True(Folder.TryReadManifest());
        Assert.True(Folder.TryCreate());
        Assert.True(Folder.TryReadManifest());

        Assert.Equal(0, Folder.Manifest.LoadedCount);
        Assert.Equal(["The AOF directory aofdir doesn't exist", "The AOF manifest file log.aof.manifest doesn't exist"], _workspace.Log.Lines);
    }

    [Fact]
    public void A_manifest_is_saved_only_when_it_changed_and_read_as_it_was_saved()
    {
        Assert.True(Folder.TryCreate());
        Folder.Manifest.BeginBase("log.aof", isSnapshot: true);
        Folder.Manifest.BeginIncrement("log.aof");
        string text = Folder.Manifest.Format();

        Assert.True(Folder.TrySave(Folder.Manifest));
        Assert.False(Folder.Manifest.IsDirty);
        Assert.True(Folder.TryReadManifest());
        Assert.Equal(text, Folder.Manifest.Format());
        File.Delete(Folder.PathOf(Folder.ManifestName));
        Assert.True(Folder.TrySave(Folder.Manifest));
        Assert.False(Folder.Has(Folder.ManifestName));
        Assert.Single(Directory.GetFileSystemEntries("."));
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Name));
    }

    [Fact]
    public void A_manifest_that_cannot_be_saved_stays_dirty_and_the_log_says_why()
    {
        Folder.Manifest.BeginIncrement("log.aof");

        Assert.False(Folder.TrySave(Folder.Manifest));

        Assert.True(Folder.Manifest.IsDirty);
        Assert.Equal("Can't open the AOF manifest file temp-log.aof.manifest: No such file or directory", Assert.Single(_workspace.Log.Lines));
    }

    [Fact]
    public void A_damaged_manifest_is_told_line_by_line()
    {
        Assert.False(_workspace.Manifest("file a seq 1 type b\nbla\n"));

        Assert.Equal(
            ["*** FATAL AOF MANIFEST FILE ERROR ***", "Reading the manifest file, at line 2", ">>> 'bla'", "Invalid AOF manifest file format"],
            _workspace.Log.Lines);
    }

    [Fact]
    public void A_folder_whose_name_a_file_has_is_told()
    {
        File.WriteAllText("aofdir", "");

        Assert.False(Folder.TryCreate());
        Assert.Equal("Can't open or create append-only dir aofdir: File exists", Assert.Single(_workspace.Log.Lines));
    }

    [Fact]
    public void History_is_deleted_from_disk_and_manifest()
    {
        _workspace.Write("old.aof", []);
        _workspace.Write("new.aof", []);
        Assert.True(_workspace.Manifest("file old.aof seq 1 type h\nfile gone.aof seq 2 type h\nfile new.aof seq 3 type i\n"));

        Assert.True(Folder.TryDeleteHistory());

        Assert.False(Folder.Has("old.aof"));
        Assert.True(Folder.Has("new.aof"));
        Assert.Equal("file new.aof seq 3 type i\n", File.ReadAllText(Folder.PathOf(Folder.ManifestName)));
    }

    [Fact]
    public void The_single_file_of_an_old_server_moves_into_the_folder_as_the_base()
    {
        File.WriteAllText("log.aof", "x");
        Assert.True(Folder.TryReadManifest());

        Assert.True(Folder.NeedsUpgrade());
        Assert.True(Folder.TryUpgrade());

        Assert.False(File.Exists("log.aof"));
        Assert.Equal("x", File.ReadAllText(Folder.PathOf("log.aof")));
        Assert.Equal("file log.aof seq 1 type b\n", File.ReadAllText(Folder.PathOf(Folder.ManifestName)));
        Assert.False(Folder.NeedsUpgrade());
    }

    [Fact]
    public void An_upgrade_that_was_interrupted_before_the_move_goes_on()
    {
        File.WriteAllText("log.aof", "x");
        Assert.True(_workspace.Manifest("file log.aof seq 1 type b\n"));

        Assert.True(Folder.NeedsUpgrade());
        Assert.True(Folder.TryUpgrade());
        Assert.True(Folder.Has("log.aof"));
    }

    [Fact]
    public void A_file_of_the_old_name_beside_a_folder_in_use_is_left_alone()
    {
        File.WriteAllText("log.aof", "x");
        Assert.True(_workspace.Manifest("file log.aof.1.base.rdb seq 1 type b\nfile log.aof.1.incr.aof seq 1 type i\n"));

        Assert.False(Folder.NeedsUpgrade());
    }
}
