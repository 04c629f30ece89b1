using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Tributary.Api.Http;

/// <summary>What the API's description says of an endpoint. Metadata of the endpoint.</summary>
/// <param name="Summary">What it does.</param>
/// <param name="Tag">The heading that it stands under.</param>
/// <param name="NeedsCaller">Whether it asks for a token or a session.</param>
internal sealed record EndpointDescription(string Summary, string Tag, bool NeedsCaller)
{
    /// <summary>The body's type; null when it takes none.</summary>
    public Type? BodyType { get; private set; }

    /// <summary>The body's media type.</summary>
    public string BodyMediaType { get; private set; } = "application/json";

    /// <summary>Whether the body may be left out.</summary>
    public bool BodyIsOptional { get; private set; }

    /// <summary>The type whose members are the query's parameters; null when it takes none.</summary>
    public Type? QueryType { get; private set; }

    /// <summary>The answer's type; null when it is JSON's null or nothing.</summary>
    public Type? AnswerType { get; private set; }

    /// <summary>The answer's status when all is well.</summary>
    public int Status { get; private set; } = 200;

    /// <summary>
    /// Says it in the words that the framework's API explorer understands. Of the body nothing: the router would refuse
    /// other media types by itself, and not in the dialect's words.
    /// </summary>
    /// <param name="metadata">The endpoint's metadata.</param>
    /// <param name="method">What answers; the explorer passes over endpoints that name none.</param>
    public void AddTo(IList<object> metadata, MethodInfo method)
    {
        metadata.Add(this);
        metadata.Add(method);
        metadata.Add(new EndpointSummaryAttribute(Summary));
        metadata.Add(new TagsAttribute(Tag));
        metadata.Add(
            AnswerType is null
                ? new ProducesResponseTypeMetadata(Status)
                : new ProducesResponseTypeMetadata(Status, AnswerType, ["application/json"])
        );
    }

    /// <summary>Says what the body is.</summary>
    public EndpointDescription Takes<T>(string mediaType = "application/json", bool optional = false)
    {
        BodyType = typeof(T);
        BodyMediaType = mediaType;
        BodyIsOptional = optional;
        return this;
    }

    /// <summary>Says which parameters the query has.</summary>
    public EndpointDescription Asks<T>()
    {
        QueryType = typeof(T);
        return this;
    }

    /// <summary>Says what the answer is.</summary>
    public EndpointDescription Answers<T>(int status = 200)
    {
        AnswerType = typeof(T);
        Status = status;
        return this;
    }

    /// <summary>Says that the answer is empty.</summary>
    public EndpointDescription AnswersNothing(int status = 204)
    {
        Status = status;
        return this;
    }
}

/// <summary>Which dialect an endpoint belongs to. Metadata of the endpoint.</summary>
internal sealed record DialectName(string Name);
