using System.Text.Json;

namespace Tributary.Api.Tests.Cargo;

public class WorkspaceTests
{
    private const string Tokens = "/v1/workspaceManagement/tokens";

    [Fact]
    public async Task A_client_finds_all_that_it_asks_for_at_its_start()
    {
        await using var scene = await CargoScene.StartAsync();
        await scene.CreateAsync();

        var init = (await scene.GetAsync("/v1/initWorkspace")).ShouldBeFine().Json;

        var workspace = init.GetProperty("workspace").GetProperty("uuid").GetString();
        init.GetProperty("user").GetProperty("workspaceUuid").GetString().ShouldBe(workspace);
        init.GetProperty("connectors")[0].GetProperty("slug").GetString().ShouldBe("site");
        init.GetProperty("datasets")
            .EnumerateArray()
            .Select(dataset => $"{dataset.GetProperty("kind")} {dataset.GetProperty("slug")}")
            .ShouldBe(["native default", "connector site"]);
        init.GetProperty("datasets")[0].GetProperty("config").GetRawText().ShouldBe("""{"kind":"object"}""");
        foreach (var name in "users tokens roles folders models relationships segments workflows plays".Split(' '))
        {
            init.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.Array);
        }
    }

    [Fact]
    public async Task The_workspace_its_people_and_roles_are_shown()
    {
        await using var scene = await CargoScene.StartAsync();

        var user = (await GetAsync("users/current")).GetProperty("user");
        user.GetProperty("email").GetString().ShouldBe("admin@localhost");
        user.GetProperty("role").GetProperty("slug").GetString().ShouldBe("admin");
        (await GetAsync("users/list"))
            .GetProperty("users")[0]
            .GetProperty("uuid")
            .GetString()
            .ShouldBe(user.GetProperty("uuid").GetString());
        var workspace = (await GetAsync("workspaces/current")).GetProperty("workspace").GetRawText();
        (await GetAsync("workspaces/list")).GetProperty("workspaces")[0].GetRawText().ShouldBe(workspace);
        (await GetAsync("roles/list"))
            .GetProperty("roles")
            .EnumerateArray()
            .Select(role => role.GetProperty("slug").GetString())
            .ShouldBe(["reader", "editor", "admin"]);
        (await GetAsync("folders/list")).GetProperty("folders").GetArrayLength().ShouldBe(0);

        async Task<JsonElement> GetAsync(string path) =>
            (await scene.GetAsync("/v1/workspaceManagement/" + path)).ShouldBeFine().Json;
    }

    [Fact]
    public async Task A_token_is_shown_once_works_is_changed_and_ends()
    {
        await using var scene = await CargoScene.StartAsync();

        var made = (
            await scene.SendAsync("POST", Tokens, """{"name":"ci","description":"builds","permissions":null}""")
        )
            .ShouldBeFine()
            .Json.GetProperty("token");

        var secret = made.GetProperty("token").GetString()!;
        made.GetProperty("description").GetString().ShouldBe("builds");
        made.GetProperty("deletedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        (await scene.GetAsync("/v1/workspaceManagement/users/current", secret)).ShouldBeFine();
        (await scene.GetAsync(Tokens + "/list")).ShouldBeFine().Text.ShouldNotContain(secret);
        var path = $"{Tokens}/{made.GetProperty("uuid").GetString()}";
        var changed = (
            await scene.SendAsync(
                "PATCH",
                path,
                """
                {"name":"ci 2","description":null,"permissions":[
                  {"effect":"allow","resources":null,"actions":["connection:*","storage:*","workspaceManagement:read"]},
                  {"effect":"deny","resources":null,"actions":["storage:write"]}]}
                """
            )
        ).ShouldBeFine().Json.GetProperty("token");
        changed.GetProperty("name").GetString().ShouldBe("ci 2");
        changed.GetProperty("description").ValueKind.ShouldBe(JsonValueKind.Null);
        (await scene.SendAsync("POST", CargoScene.Connectors, "{}", secret)).ShouldBeRefused(403).ShouldBe("forbidden");
        (await scene.SendAsync("POST", Tokens, """{"name":"x"}""", secret)).ShouldBeRefused(403).ShouldBe("forbidden");
        (await scene.SendAsync("DELETE", path)).Should(System.Net.HttpStatusCode.NoContent);
        (await scene.SendAsync("DELETE", path)).ShouldBeRefused(404).ShouldBe("tokenNotFound");
        (await scene.GetAsync(Tokens + "/list", secret)).ShouldBeRefused(401).ShouldBe("unauthorized");
    }

    [Theory]
    [InlineData("""{"effect":"allow","resources":null,"actions":["*"]}""", "admin")]
    [InlineData(
        """{"effect":"allow","resources":null,"actions":["connection:write","storage:write","workspaceManagement:read"]}""",
        "editor"
    )]
    [InlineData(
        """{"effect":"allow","resources":null,"actions":["connection:write","storage:read","workspaceManagement:write"]}""",
        "reader"
    )]
    [InlineData("""{"effect":"allow","resources":null,"actions":["connection:*"]}""", null)]
    [InlineData("""{"effect":"allow","resources":["a"],"actions":["*"]}""", null)]
    [InlineData("""{"effect":"perhaps","resources":null,"actions":["*"]}""", null)]
    public async Task Permissions_become_the_largest_role_that_does_not_exceed_them(string permission, string? role)
    {
        await using var scene = await CargoScene.StartAsync();

        var answer = await scene.SendAsync("POST", Tokens, $$"""{"name":"t","permissions":[{{permission}}]}""");

        if (role is null)
        {
            answer.ShouldBeRefused(400).ShouldBe("invalidPayload");
            return;
        }

        var secret = answer.ShouldBeFine().Json.GetProperty("token").GetProperty("token").GetString()!;
        (await scene.GetAsync("/v1/workspaceManagement/users/current", secret))
            .Json.GetProperty("user")
            .GetProperty("role")
            .GetProperty("slug")
            .GetString()
            .ShouldBe(role);
    }
}
