using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Engine.Outbound;
using Tributary.Sdk;
using Tributary.Sdk.Content;
using Tributary.Sdk.Http;

namespace Tributary.Engine.Custom.Client;

/// <summary>
/// Sends requests to custom integrations' servers, on the one way out. Nothing that a server does can take more than a set
/// time and size, and whatever it answers comes back as JSON or as a <see cref="SourceException"/> in words for people.
/// </summary>
internal sealed class CustomHttp(
    IOutboundHttp outbound,
    Allowances allowances,
    EngineOptions options,
    TimeProvider time
)
{
    /// <summary>The largest answer.</summary>
    public const long MaxAnswerBytes = 20_000_000;

    /// <summary>Sends one.</summary>
    /// <exception cref="SourceException">The server cannot be reached, is too slow, or does not answer JSON.</exception>
    public async Task<CustomAnswer> SendAsync(CustomCall call, CancellationToken cancellationToken)
    {
        using var client = outbound.For(
            new OutboundProfile(call.Connector?.Id ?? 0, call.Limits, null)
            {
                Meter = call.Connector is { } connector ? allowances.MeterFor(connector, call.IsRun) : null,
            }
        );
        CustomAnswer? answer = null;
        foreach (var path in call.Paths)
        {
            answer = await SendAsync(client.Http, call, path, cancellationToken).ConfigureAwait(false);
            if (answer.Status != 404)
            {
                break;
            }
        }

        return answer!;
    }

    /// <summary>The answer's JSON when it is a success.</summary>
    /// <exception cref="SourceException">Also when it is none.</exception>
    public async Task<JsonElement> SendCheckedAsync(CustomCall call, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.IsSuccess ? answer.Json : throw FailureOf(call, answer);
    }

    /// <summary>What an answer that is no success means.</summary>
    public static SourceException FailureOf(CustomCall call, CustomAnswer answer)
    {
        var kind = answer.Status switch
        {
            401 or 403 => FailureKind.Credentials,
            _ when answer.IsTransient => FailureKind.Transient,
            404 => FailureKind.Source,
            _ => FailureKind.Configuration,
        };
        var advice = answer.Status switch
        {
            401 or 403 => "it refuses us; is the integration's secret right?",
            404 => "it does not offer this",
            _ => "it has not said why",
        };
        return new SourceException(
            kind,
            $"The integration's server ({Host(call)}) answered {answer.Status} to {call.Paths[0]}: {answer.ErrorMessage ?? advice}.".Replace(
                "..",
                ".",
                StringComparison.Ordinal
            )
        );
    }

    /// <summary>An answer that is against the contract.</summary>
    public static SourceException Violation(CustomCall call, string what) =>
        new(
            FailureKind.Source,
            $"The integration's server ({Host(call)}) answered {call.Paths[0]} against the contract: {what}"
        );

    private async Task<CustomAnswer> SendAsync(
        HttpClient http,
        CustomCall call,
        string path,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(
            call.Body is null ? HttpMethod.Get : HttpMethod.Post,
            call.Server.BaseUrl + path
        );
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (call.Server.Secret is { } secret)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }

        if (call.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(call.Body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        request.Options.Set(OutboundOptions.MaxBodyBytes, call.MaxBytes);
        request.Options.Set(OutboundOptions.OnlyReads, call.OnlyReads);
        request.Options.Set(RequestPatience.Key, TimeSpan.FromSeconds(options.CustomAnswerSeconds));
        if (call.MaxAttempts is { } attempts)
        {
            request.Options.Set(OutboundOptions.MaxAttempts, attempts);
        }

        try
        {
            // Waiting for limits may take long; what comes after the answer's head may not.
            using var response = await http.SendAsync(
                    request,
                    HttpCompletionOption.ResponseHeadersRead,
                    cancellationToken
                )
                .ConfigureAwait(false);
            var body = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
            return new CustomAnswer(
                (int)response.StatusCode,
                Parse(call, response, body),
                response.Headers.NonValidated.Contains("Retry-After")
            );
        }
        catch (ContentException exception)
        {
            throw new SourceException(FailureKind.Source, $"{Host(call)}{path}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"The connection to the integration's server ({Host(call)}) broke off in the middle of its answer.",
                exception
            );
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(options.CustomAnswerSeconds);
        using var timeout = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(
                FailureKind.Transient,
                $"The integration's server ({response.RequestMessage?.RequestUri?.Authority}) has not finished its answer within {patience.TotalSeconds:0} s."
            );
        }
    }

    private static JsonElement Parse(CustomCall call, HttpResponseMessage response, byte[] body)
    {
        if (body.Length == 0)
        {
            return default;
        }

        try
        {
            return ForeignJson.Parse(body);
        }
        catch (JsonException) when (!response.IsSuccessStatusCode)
        {
            return default;
        }
        catch (JsonException exception)
        {
            throw Violation(
                call,
                response.Content.Headers.ContentType?.MediaType == "text/html"
                    ? "it sent a web page instead of JSON. Is the base URL right?"
                    : $"what it sent is no JSON ({exception.Message.Split(" LineNumber")[0]})"
            );
        }
    }

    private static string Host(CustomCall call) => new Uri(call.Server.BaseUrl).Authority;
}
