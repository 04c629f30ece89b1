namespace Tributary.Engine.Outbound;

/// <summary>How long a single request's answer may take to begin, where that is shorter than usual.</summary>
internal static class RequestPatience
{
    /// <summary>Set on <see cref="HttpRequestMessage.Options"/>.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> Key = new("tributary.patience");

    /// <summary>Told each time that the limits have let the request go; set on <see cref="HttpRequestMessage.Options"/>.</summary>
    public static readonly HttpRequestOptionsKey<Action> LetGo = new("tributary.let-go");

    /// <summary>The shorter one.</summary>
    public static TimeSpan Of(HttpRequestMessage request, TimeSpan usual) =>
        request.Options.TryGetValue(Key, out var asked) && asked < usual ? asked : usual;
}
