namespace Tributary.Integrations.Web;

/// <summary>
/// The content of a file that a page links to. A small one is kept while its document waits; a larger one is asked for
/// again when somebody opens it, so that neither memory nor a connection is held for it.
/// </summary>
internal static class FileBody
{
    private const int KeptBytes = 1024 * 1024;
    private const long MaxBytes = 100 * 1024 * 1024;

    public static async Task<Func<CancellationToken, ValueTask<Stream>>> OpenerAsync(
        SiteHttp http,
        Uri uri,
        HttpResponseMessage response,
        TimeSpan? hostDelay,
        CancellationToken cancellationToken
    )
    {
        if (response.Content.Headers.ContentLength is not > KeptBytes)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var kept = new MemoryStream();
            var buffer = new byte[32 * 1024];
            int read;
            while (kept.Length <= KeptBytes && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                kept.Write(buffer, 0, read);
            }

            if (kept.Length <= KeptBytes)
            {
                kept.Position = 0;
                return _ => ValueTask.FromResult<Stream>(kept);
            }
        }

        return async token =>
        {
            var again = await http.GetAsync(uri, new SiteRequest(MaxBytes, HostDelay: hostDelay), token);
            again.EnsureSuccessStatusCode();
            return await again.Content.ReadAsStreamAsync(token);
        };
    }
}
