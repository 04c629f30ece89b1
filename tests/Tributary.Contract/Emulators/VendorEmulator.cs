using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Tributary.Contract.Specs;
using Tributary.Integrations.Tests.Conformance;
using Tributary.Sdk;
using Tributary.Testing;
using Tributary.Testing.Readers;

namespace Tributary.Contract.Emulators;

/// <summary>
/// A vendor's API on a real socket, with a <see cref="Company"/> behind it. Every request and every answer is judged by the
/// vendor's description when the emulator is disposed: what breaks it fails the test. The same object is the source of
/// the conformance suite and of a journey.
/// </summary>
/// <remarks>
/// An emulator says what it answers (<see cref="Map"/>) and what a connector to it looks like (<c>Config</c>,
/// <c>Credentials</c>, <c>BadSettings</c>); filling, changing, faults, the log and the judgement are here.
/// </remarks>
public abstract class VendorEmulator : ConformanceSource
{
    private readonly EmulatorRoutes _routes = new();
    private readonly ConcurrentQueue<Violation> _violations = new();
    private readonly FaultInjector _faults;
    private readonly Lock _lock = new();
    private LoopbackServer? _server;
    private bool _isRecording = true;

    protected VendorEmulator() => _faults = new FaultInjector(AnswerAsync);

    /// <summary>What it holds: empty unless it was started with a company. To be changed under no lock but between runs.</summary>
    public Company Company { get; private set; } = new();

    /// <summary>Where it is, without a slash at the end.</summary>
    public Uri Root => new(_server!.BaseUri.AbsoluteUri.TrimEnd('/') + Prefix);

    /// <summary>Every exchange, in order of answer.</summary>
    public ConcurrentQueue<Exchange> Exchanges { get; } = new();

    /// <summary>It answers as a stand-in with less in it than the vendor's own server, which no description judges.</summary>
    public bool IsLean { get; set; }

    /// <summary>Rules of the vendor's description that were broken so far.</summary>
    public IReadOnlyCollection<Violation> Violations => _violations;

    /// <inheritdoc />
    public override FaultInjector Faults => _faults;

    /// <summary>Folders of descriptions that its operations are in, e.g. <c>discourse</c>.</summary>
    protected abstract IReadOnlyList<string> Vendors { get; }

    /// <summary>The folder that it is installed in, e.g. <c>/forum</c>.</summary>
    protected virtual string Prefix => "";

    /// <summary>Where tokens are renewed by those who have signed in; null where nobody can.</summary>
    public virtual TokenDesk? Desk => null;

    /// <summary>Credentials of somebody who has signed in, with the tokens of <see cref="Desk"/>.</summary>
    public virtual object? SignedIn => null;

    /// <summary>Says what it answers.</summary>
    protected abstract void Map(EmulatorRoutes routes);

    /// <summary>Refuses a request that has no right to be here; null lets it in.</summary>
    protected virtual EmulatorAnswer? Refuse(EmulatorCall call) => null;

    /// <summary>The vendor's answer to an address that it does not have.</summary>
    protected virtual EmulatorAnswer NotFound() => EmulatorAnswer.Json(new { error = "not found" }, 404);

    /// <summary>The most items of a page: few, so that a handful makes several, until there may be very many.</summary>
    /// <param name="few">For tests.</param>
    /// <param name="many">For the reads of very many; readers may hold the ids of a page.</param>
    protected int PageSizeOf(int few, int many = 200) => _isRecording ? few : many;

    /// <summary>Makes an item of the conformance suite; places and authors may be chosen here.</summary>
    protected virtual CompanyItem MakeItem(string name, string text) => Company.Add(name, text);

    /// <summary>Starts one.</summary>
    /// <param name="company">What it holds; null for nothing.</param>
    public static async Task<TEmulator> StartAsync<TEmulator>(Company? company = null)
        where TEmulator : VendorEmulator, new()
    {
        var emulator = new TEmulator();
        emulator.Company = company ?? emulator.Company;
        emulator.Map(emulator._routes);
        emulator._server = await LoopbackServer.StartAsync(emulator._faults.AnswerAsync);
        return emulator;
    }

    /// <summary>Neither keeps exchanges nor has them judged from now on, and answers with larger pages.</summary>
    public override void StopRecording() => (_isRecording, _server!.KeepsRequests) = (false, false);

    /// <summary>A connector to it, to be run as the engine would.</summary>
    public ReaderHarness HarnessOf(Integration integration)
    {
        var harness = new ReaderHarness(integration, Config, Credentials);
        Equip(harness);
        return harness;
    }

    /// <summary>Gives a harness the real converters of pages and archives.</summary>
    public override void Equip(ReaderHarness harness) =>
        (harness.Html, harness.Containers) = (Content.Html, Content.Containers);

    /// <inheritdoc />
    public override Task FillAsync(int count, int textLength = 40) =>
        Change(() =>
        {
            for (var number = 0; number < count; number++)
            {
                MakeItem($"item {number}", $"Text of item {number}. ".PadRight(textLength, 'x'));
            }
        });

    /// <inheritdoc />
    public override async Task<bool> FillAtOneInstantAsync(int count)
    {
        Company.IsStandingStill = true;
        await FillAsync(count);
        Company.IsStandingStill = false;
        return true;
    }

    /// <inheritdoc />
    public override Task AddAsync(string name) => Change(() => MakeItem(name, $"Text of {name}."));

    /// <inheritdoc />
    public override Task ChangeAsync(string name) =>
        Change(() => Company.Edit(Company[name], $"Another text of {name}, version {Company[name].Version + 1}."));

    /// <inheritdoc />
    public override Task RemoveAsync(string name) => Change(() => Company.Remove(Company[name]));

    /// <inheritdoc />
    public override Task AddBrokenAsync(string name) =>
        Change(() => MakeItem(name, "Nobody can read this.").IsBroken = true);

    /// <summary>Changes the company while no request is being answered.</summary>
    public Task Change(Action change)
    {
        lock (_lock)
        {
            change();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        GC.SuppressFinalize(this);
        var found = _violations.Distinct().ToList();
        if (found.Count > 0)
        {
            throw new InvalidOperationException(
                "The vendor's description does not allow:\n  " + string.Join("\n  ", found)
            );
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = target.Split('?')[0];
        var below = path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path;
        var route = _routes.Find(context.Request.Method, below);
        EmulatorAnswer answer;
        lock (_lock)
        {
            var call = new EmulatorCall(context, route?.Values ?? new Dictionary<string, string>(), body.ToArray());
            answer =
                Desk is { } desk && desk.Takes(context.Request.Method, below, body.ToArray())
                    ? desk.Renew(call)
                    : Refuse(call) ?? route?.Answer(call) ?? NotFound();
        }

        if (_isRecording)
        {
            Judge(context.Request, below, body.ToArray(), answer, isServed: route is not null);
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.Body.WriteAsync(answer.Body);
    }

    private void Judge(HttpRequest request, string path, byte[] body, EmulatorAnswer answer, bool isServed)
    {
        var exchange = new Exchange
        {
            Method = request.Method,
            Path = path,
            Query = QueryOf(request),
            Headers = request.Headers.ToDictionary(
                header => header.Key,
                header => header.Value.ToString(),
                StringComparer.OrdinalIgnoreCase
            ),
            RequestType = request.ContentType,
            RequestBody = body,
            Status = answer.Status,
            AnswerType = answer.ContentType,
            AnswerBody = answer.Body,
        };
        Exchanges.Enqueue(exchange);
        var validators = Vendors.Select(SpecValidator.For).OfType<SpecValidator>().ToList();
        if (validators.Count == 0 || IsLean)
        {
            return;
        }

        // A wrong base address in the settings asks for what the vendor does not have, and is told so.
        var found = validators.Select(validator => validator.Judge(exchange)).FirstOrDefault(item => item is not null);
        found ??= isServed ? [new Violation(Vendors[0], $"{exchange.Method} {path}", "path", "is not described")] : [];
        foreach (var violation in found.Where(item => !Deviations.Excuse(item)))
        {
            _violations.Enqueue(violation);
        }
    }

    private static List<KeyValuePair<string, string>> QueryOf(HttpRequest request)
    {
        var query = new List<KeyValuePair<string, string>>();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            query.Add(KeyValuePair.Create(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        }

        return query;
    }
}
