using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Tributary.Contract.Emulators;

namespace Tributary.Contract.ObjectStorage;

/// <summary>A bucket behind the S3 API: items are text files in folders named by their places, attachments files below them.</summary>
public abstract class BucketEmulator : VendorEmulator
{
    protected const string Bucket = "company-documents";
    protected const string KeyId = "GOOGEXAMPLE";
    protected const string Secret = "secret/with+signs=";

    /// <summary>The id of keys that may list and not read.</summary>
    protected const string ListerId = "LISTERONLY";

    private static readonly XNamespace Xml = "http://s3.amazonaws.com/doc/2006-03-01/";

    private Dictionary<string, CompanyItem> _known = [];

    /// <summary>The most objects on a page.</summary>
    public int MaxKeys { get; set; } = 10;

    /// <summary>Objects come with the headers of S3; where not, as from a plain file server.</summary>
    public bool HasObjectHeaders { get; set; } = true;

    /// <summary>Listings of version 1 alone: list-type, start-after and tokens are passed over.</summary>
    public bool KnowsVersion1Only { get; set; }

    /// <summary>The bucket goes after it was listed.</summary>
    public bool HasNoObjects { get; set; }

    /// <summary>What stands for true in a listing.</summary>
    public string True { get; set; } = "true";

    /// <summary>Objects besides the company's.</summary>
    public List<StoredObject> Objects { get; } =
    [
        new("docs/", "") { ContentType = "application/x-directory" },
        new("docs/empty.txt", ""),
        new("docs/archived.txt", "Nobody has thawed this.") { StorageClass = "GLACIER" },
    ];

    /// <summary>The region in which the bucket is, and for which requests have to be signed.</summary>
    protected abstract string Region { get; }

    protected override IReadOnlyList<string> Vendors => ["s3"];

    protected override EmulatorAnswer NotFound() => Error(404, "NoSuchKey");

    protected override EmulatorAnswer? Refuse(EmulatorCall call)
    {
        var scope = call.Header("Authorization")?.Split("Credential=").Last().Split('/') ?? [];
        return scope.ElementAtOrDefault(0) is not (KeyId or ListerId) ? Error(403, "InvalidAccessKeyId")
            : scope.ElementAtOrDefault(2) != Region
                ? Error(400, "AuthorizationHeaderMalformed", new XElement("Region", Region))
            : SignatureCheck.IsRight(call, Secret) ? null
            : Error(403, "SignatureDoesNotMatch");
    }

    protected override void Map(EmulatorRoutes routes)
    {
        routes.Get("/{bucket}", call => call["bucket"] == Bucket ? Listing(call) : Error(404, "NoSuchBucket"));
        routes.Get("/{bucket}/{key*}", Answer);
    }

    /// <summary>The key of an item's file.</summary>
    public string KeyOf(CompanyItem item) => $"docs/{Company.PlaceOf(item.PlaceId).Slug}/{item.Title}.txt";

    private IEnumerable<StoredObject> All() => Of(Company.Items);

    private IEnumerable<StoredObject> Of(IEnumerable<CompanyItem> items) =>
        items
            .SelectMany(item =>
                item.Attachments.Select(file => new StoredObject(
                        $"docs/{Company.PlaceOf(item.PlaceId).Slug}/{item.Title}/{file.Name}",
                        Encoding.UTF8.GetString(file.Content)
                    )
                    {
                        LastModified = item.UpdatedAt,
                    })
                    .Prepend(
                        new StoredObject(
                            KeyOf(item),
                            string.Join("\n\n", item.Replies.Select(reply => reply.Text).Prepend(item.Text))
                        )
                        {
                            LastModified = item.UpdatedAt,
                            IsBroken = item.IsBroken,
                        }
                    )
            )
            .Concat(Objects);

    /// <summary>The items that may have this key: one that is remembered, so that there may be very many.</summary>
    private IEnumerable<CompanyItem> ItemsOf(string key)
    {
        if (_known.Count != Company.Items.Count)
        {
            _known = Company.Items.DistinctBy(KeyOf).ToDictionary(KeyOf);
        }

        return _known.TryGetValue(key, out var item) && KeyOf(item) == key && Company.Find(item.Id) == item
            ? [item]
            : Company.Items.Where(item => key.Contains(item.Title));
    }

    /// <summary>The order of the UTF-8 bytes, in which a surrogate comes behind everything that is none.</summary>
    private static int CompareBytes(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        return same == left.Length || same == right.Length ? left.Length - right.Length
            : char.IsSurrogate(left[same]) == char.IsSurrogate(right[same]) ? left[same] - right[same]
            : char.IsSurrogate(left[same]) ? 1
            : -1;
    }

    private EmulatorAnswer Listing(EmulatorCall call)
    {
        // Every second page is empty and goes on all the same, as stores may answer.
        var token = call.Query("continuation-token") is { } text
            ? Encoding.UTF8.GetString(Convert.FromBase64String(text))
            : null;
        var isEmptyPage = token?[0] == '-';
        var after = KnowsVersion1Only ? call.Query("marker") ?? "" : token?[1..] ?? call.Query("start-after") ?? "";
        var prefix = call.Query("prefix") ?? "";
        var rest = All()
            .Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Where(item => CompareBytes(item.Key, after) > 0)
            .OrderBy(item => item.Key, Comparer<string>.Create(CompareBytes))
            .ToList();
        var size = isEmptyPage ? 0 : Math.Min(call.Number("max-keys", 1000), PageSizeOf(MaxKeys, 1_000));
        var page = rest.Take(size).ToList();
        var next = page.Count > 0 ? $"-{page[^1].Key}" : $"+{after}";
        return Answered(
            new XElement(
                Xml + "ListBucketResult",
                new XElement(Xml + "Name", Bucket),
                new XElement(Xml + "Prefix", prefix),
                new XElement(Xml + "KeyCount", page.Count),
                new XElement(Xml + "MaxKeys", size),
                new XElement(Xml + "EncodingType", "url"),
                new XElement(Xml + "IsTruncated", rest.Count > size ? True : "false"),
                KnowsVersion1Only ? new XElement(Xml + "Marker", after) : null,
                rest.Count > size && !KnowsVersion1Only
                    ? new XElement(Xml + "NextContinuationToken", Convert.ToBase64String(Encoding.UTF8.GetBytes(next)))
                    : null,
                page.Select(item => new XElement(
                    Xml + "Contents",
                    new XElement(Xml + "Key", WebUtility.UrlEncode(item.Key)),
                    new XElement(Xml + "Generation", "1736927999000000"),
                    new XElement(Xml + "LastModified", item.LastModified.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'")),
                    new XElement(Xml + "ETag", item.ETag),
                    new XElement(Xml + "Size", item.Bytes.Length),
                    new XElement(Xml + "StorageClass", item.StorageClass)
                ))
            )
        );
    }

    private EmulatorAnswer Answer(EmulatorCall call)
    {
        if (call["bucket"] != Bucket || HasNoObjects)
        {
            return Error(404, "NoSuchBucket");
        }

        if (call.Header("Authorization")!.Contains(ListerId))
        {
            return Error(403, "AccessDenied");
        }

        if (Of(ItemsOf(call["key"])).FirstOrDefault(item => item.Key == call["key"]) is not { } found)
        {
            return NotFound();
        }

        if (found.IsBroken)
        {
            return Error(500, "InternalError");
        }

        if (found.IsFrozen || found.StorageClass == "GLACIER")
        {
            return Error(403, "InvalidObjectState");
        }

        if (!HasObjectHeaders)
        {
            return new EmulatorAnswer(200, found.ContentType, found.Bytes);
        }

        var isPart = call.Header("Range") == "bytes=0-0";
        return found.Headers.Aggregate(
            new EmulatorAnswer(isPart ? 206 : 200, found.ContentType, isPart ? found.Bytes[..1] : found.Bytes).With(
                "ETag",
                found.ETag
            ),
            (answer, header) => answer.With(header.Key, header.Value)
        );
    }

    protected static EmulatorAnswer Error(int status, string code, XElement? more = null) =>
        Answered(new XElement("Error", new XElement("Code", code), new XElement("Message", "No."), more), status);

    private static EmulatorAnswer Answered(XElement root, int status = 200) =>
        EmulatorAnswer.Text($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>{root}", "application/xml", status);
}

/// <summary>One object.</summary>
public sealed record StoredObject(string Key, string Text)
{
    public DateTimeOffset LastModified { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public string StorageClass { get; init; } = "STANDARD";

    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>It is listed as if it could be read, and is archived (Intelligent-Tiering, OCI).</summary>
    public bool IsFrozen { get; init; }

    public bool IsBroken { get; init; }

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>What is sent, when that is not the text as it is.</summary>
    public byte[]? Packed { get; init; }

    public byte[] Bytes => Packed ?? Encoding.UTF8.GetBytes(Text);

    public string ETag => $"\"{Convert.ToHexStringLower(MD5.HashData(Bytes))}\"";
}
