using System.Text;
using Tributary.Settings;

namespace Tributary.Cli.Reference;

/// <summary>Writes docs/configuration.md from the settings.</summary>
internal static class ConfigurationReference
{
    private const string Head = """
        # Configuration

        <!-- Made by `tributary docs configuration`; a test fails when this page is stale. -->

        A server needs no configuration. What is set comes from three places; the command line wins over the environment,
        which wins over the file:

        1. options of `tributary serve` (and of `quickstart`, `backup`, `restore`, `keys rotate` where they matter),
        2. variables `TRIBUTARY_…`; an empty one counts as not set,
        3. a JSON file: `--config <file>`, else `tributary.json` in the working directory, when there is one. Comments and
           trailing commas are allowed. Lists may be written as JSON lists.

        ```json
        {
          "data": "/var/lib/tributary",
          "allowed_networks": ["10.20.0.0/16"],
          "log_format": "json"
        }
        ```

        A value that is wrong, or a member of the file that does not exist, stops the start with exit code 2; every mistake is
        named at once. Relative paths start at the working directory.

        """;

    private const string Tail = """

        ## The first start

        The first start makes a workspace and its admin. Without `TRIBUTARY_ADMIN_TOKEN` it makes a token and prints it once,
        on standard output; with the variable nothing is printed, and the admin's token follows the variable at every start.
        For a cookie, sign in as `admin@localhost` with the token as password (`POST /auth/login`).

        ## The key ring

        Stored credentials are encrypted by keys that lie in `keys.json` of the data directory, beside the database and not in
        it. Keep a copy elsewhere than your backups: without it credentials cannot be read, and the server does not start.
        `TRIBUTARY_KEYS` may hold the content of that file instead; then no file is written.

        ## Who can reach it

        The server listens on this machine only unless it is told otherwise. When it is, it says so in a warning: it speaks
        plain HTTP, so put a reverse proxy that ends TLS in front.

        | | from this machine | from elsewhere |
        | --- | --- | --- |
        | the API | token | token |
        | `/health/live`, `/health/ready` | free | free, without the text of problems |
        | `/metrics` | free | any valid token |

        A request that a proxy hands on (`Forwarded`, `X-Forwarded-For`, `X-Real-IP` or `Via`) counts as one from elsewhere.

        Sources may be read from public addresses only, unless `allowed_networks` names private ranges, and from no folder of
        the server unless `allowed_folders` names it.

        ## Health

        `GET /health/live` answers 200 while the process answers at all. `GET /health/ready` answers 200 when every part works
        and 503 otherwise, with the parts in JSON:

        ```json
        { "status": "ready", "parts": { "store": { "status": "ok", "problem": null } } }
        ```

        ## Metrics and traces

        `GET /metrics` answers in Prometheus' text format 0.0.4: the process, the runtime, HTTP in and out, the scheduler, and
        Tributary's own meters. A family keeps at most 1000 series; further ones are added up under
        `otel_metric_overflow="true"`.

        When `OTEL_EXPORTER_OTLP_ENDPOINT` is set, traces and metrics are also sent there over OTLP; the other standard
        variables (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_PROTOCOL`, `OTEL_RESOURCE_ATTRIBUTES`, …) are obeyed.

        ## Logs

        Logs go to standard error, one line each, as text or JSON (`log_format`). Normal operation says little: starts and
        ends of runs are `information`, what was retried without loss is `warning`, what was lost or needs a person is `error`.

        ## Start and end

        One server works on a data directory at a time. A start that cannot succeed (address in use, directory in use, key
        missing) says why in one line and ends with exit code 1. SIGTERM and SIGINT end the server within ten seconds: what
        goes on is stopped at its next commit and continues from there at the next start. A second signal ends it at once,
        which loses nothing that was committed.

        """;

    /// <summary>Writes the page.</summary>
    public static string Write()
    {
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        text.Append(
            "\n## Settings\n\n| file | environment | command line | default | |\n| --- | --- | --- | --- | --- |\n"
        );
        foreach (var setting in Setting.All)
        {
            var option = setting.IsSecret ? "none: it is a secret" : $"`{setting.Option}`";
            text.Append(
                $"| `{setting.Name}` | `{setting.Variable}` | {option} | {setting.Default} | {setting.Description} |\n"
            );
        }

        return text.Append(Tail.ReplaceLineEndings("\n")).ToString().TrimEnd('\n') + "\n";
    }
}
