using Tributary.Sdk;

namespace Tributary.Integrations.MediaWiki;

/// <summary>What the error codes in a wiki's answers mean for the one who has to mend it. See https://www.mediawiki.org/wiki/API:Errors_and_warnings.</summary>
internal static class MediaWikiErrors
{
    private const string HowToLogIn =
        "give credentials: username and password of a bot password (Special:BotPasswords), or an access_token of an owner-only OAuth 2 consumer";

    /// <summary>Whether the error would meet every other request too, so that going on has no use.</summary>
    public static bool ConcernsEverything(string code) =>
        KindOf(code) is FailureKind.Credentials || code is "maxlag" or "ratelimited" or "readonly" or "badcontinue";

    /// <summary>Whether the error says that there is no such question, so that another one is to be asked.</summary>
    public static bool IsUnknownAction(string? code) => code is "badvalue" or "unknown_action" or "moduledisabled";

    public static SourceException ExceptionOf(WikiError error, Uri api)
    {
        var kind = KindOf(error.Code);
        var advice = error.Code switch
        {
            "readapidenied" => $" The wiki is private: {HowToLogIn}.",
            _ when kind == FailureKind.Credentials => $" The login does not hold: {HowToLogIn}.",
            _ => "",
        };
        return new SourceException(kind, $"{api} answered the error '{error.Code}': {error.Info}{advice}");
    }

    public static SourceException LoginFailed(WikiAnswer answer, Uri api) =>
        answer switch
        {
            { Error: { } error } => ExceptionOf(error, api),
            { Login.Result: "Throttled" } => new SourceException(
                FailureKind.Transient,
                $"{api} was logged in to too often; the next run tries again."
            ),
            _ => new SourceException(
                FailureKind.Credentials,
                $"{api} refused the login ({answer.Login?.Result ?? "no result"}: {answer.Login?.Reason?.ToString()}). "
                    + "Use the name ('User@bot') and password of a bot password from Special:BotPasswords."
            )
            {
                Member = "credentials.password",
            },
        };

    private static FailureKind KindOf(string? code) =>
        code switch
        {
            "readapidenied" or "assertuserfailed" or "assertbotfailed" or "badtoken" or "blocked" =>
                FailureKind.Credentials,
            not null when code.StartsWith("mwoauth-", StringComparison.Ordinal) => FailureKind.Credentials,
            "maxlag" or "ratelimited" or "readonly" => FailureKind.Transient,
            not null when code.StartsWith("internal_api_error_", StringComparison.Ordinal) => FailureKind.Transient,
            "invalidcategory" or "invalidtitle" => FailureKind.Configuration,
            _ => FailureKind.Source,
        };
}
