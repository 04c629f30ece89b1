using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Tributary.Engine.Secrets;
using Tributary.Engine.Store;
using Tributary.Testing;

namespace Tributary.Engine.Tests.Secrets;

public class SecretBoxTests
{
    private const string Place = "1|credential|a|secret";

    [Fact]
    public void What_is_sealed_opens_only_at_its_own_place_and_unaltered()
    {
        using var folder = new TemporaryFolder();
        var ring = KeyRing.Load(folder.Path, []);
        var box = new SecretBox(ring);
        var (envelope, keyId) = box.Seal("a secret"u8, Place);

        box.Open(envelope, keyId, Place).ShouldBe("a secret"u8.ToArray());
        Should.Throw<CryptographicException>(() => box.Open(envelope, keyId, "1|credential|b|secret"));
        for (var i = 0; i < envelope.Length; i++)
        {
            var altered = envelope.ToArray();
            altered[i] ^= 1;
            Should.Throw<CryptographicException>(() => box.Open(altered, keyId, Place));
        }
    }

    [Fact]
    public void The_key_ring_is_readable_by_its_owner_alone()
    {
        using var folder = new TemporaryFolder();
        KeyRing.Load(folder.Path, []);

        File.GetUnixFileMode(folder[KeyRing.FileName]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_missing_key_refuses_to_start_and_makes_no_new_one()
    {
        using var folder = new TemporaryFolder();

        Should.Throw<StoreException>(() => KeyRing.Load(folder.Path, ["abcd"]));
        File.Exists(folder[KeyRing.FileName]).ShouldBeFalse();

        KeyRing.Load(folder.Path, []);
        Should.Throw<StoreException>(() => KeyRing.Load(folder.Path, ["abcd"])).Message.ShouldContain("abcd");
    }

    [Fact]
    public async Task Rotation_rewraps_every_credential_and_forgets_the_old_key()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connectors = new List<Engine.Connectors.Connector>();
        for (var i = 0; i < 20; i++)
        {
            connectors.Add(
                await engine.CreateAsync($"Source {i}", credentials: new { token = $"planted-secret-{i:D4}" })
            );
        }

        var before = engine.Get<KeyRing>().CurrentId;
        (await engine.Get<KeyRotation>().RotateAsync(default)).ShouldBe(20);

        var ring = engine.Get<KeyRing>();
        ring.CurrentId.ShouldNotBe(before);
        (await engine.Get<IConnectorStore>().ListKeyIdsInUseAsync(default)).ShouldBe([ring.CurrentId]);
        Should.Throw<CryptographicException>(() => ring.Find(before));
        foreach (var connector in connectors)
        {
            await engine.FireAsync(connector);
            (await engine.LookAsync(connector)).LastRun!.State.ShouldBe(Engine.Runs.RunState.Succeeded);
        }
    }

    [Fact]
    public async Task The_database_holds_no_secret_in_the_clear_and_answers_show_it_masked()
    {
        await using var engine = await EngineHarness.StartAsync();
        var connector = await engine.CreateAsync(credentials: new { token = "planted-secret-value", user = "ada" });

        foreach (var file in Directory.GetFiles(engine.Folder, "tributary.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            bytes.ToArray().AsSpan().IndexOf("planted-secret-value"u8).ShouldBe(-1);
            bytes.ToArray().AsSpan().IndexOf("the-admin-token"u8).ShouldBe(-1);
        }

        var masked = await engine.Connectors.GetMaskedCredentialsAsync(engine.Caller, connector.Id, default);
        masked.GetRawText().ShouldBe("""{"token":"plan...alue","user":"ada"}""");
        await engine.Connectors.UpdateAsync(engine.Caller, connector.Id, new() { Credentials = masked }, default);
        (await engine.Connectors.GetMaskedCredentialsAsync(engine.Caller, connector.Id, default))
            .GetRawText()
            .ShouldBe(masked.GetRawText());
        SqliteConnection.ClearAllPools();
    }
}
