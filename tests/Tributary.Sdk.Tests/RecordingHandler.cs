using System.Net;

namespace Tributary.Sdk.Tests;

/// <summary>Stands where the network would be: keeps what was sent, and gives answers that know whether they were given back.</summary>
internal sealed class RecordingHandler(Func<HttpRequestMessage, Answer> answer) : HttpMessageHandler
{
    public List<HttpRequestMessage> Requests { get; } = [];

    /// <summary>The requests' bodies; empty for none.</summary>
    public List<string> Bodies { get; } = [];

    public List<Answer> Answers { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        Requests.Add(request);
        Bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
        Answers.Add(answer(request));
        return Answers[^1];
    }
}

/// <summary>An answer that knows whether its connection was given back.</summary>
internal sealed class Answer : HttpResponseMessage
{
    public Answer(HttpStatusCode status, string body = "")
        : base(status) => Content = new StringContent(body);

    public bool IsGivenBack { get; private set; }

    protected override void Dispose(bool disposing)
    {
        IsGivenBack = true;
        base.Dispose(disposing);
    }
}
