using Microsoft.AspNetCore.Http;

namespace Tributary.Api.Cargo.Custom;

/// <summary>Says where an answer comes from.</summary>
internal static class CacheHeader
{
    /// <summary><c>X-Cache: HIT</c> when it was kept from before, <c>MISS</c> when it could have been; nothing when nothing is kept.</summary>
    public static void TellCache(this HttpContext http, bool? isFromCache)
    {
        if (isFromCache is { } wasKept)
        {
            http.Response.Headers["X-Cache"] = wasKept ? "HIT" : "MISS";
        }
    }
}
