using Tributary.Contract.Emulators;

namespace Tributary.Contract.SharePoint;

public sealed partial class SharePointEmulator
{
    private EmulatorAnswer PagesOf(EmulatorCall call) =>
        Page(
            call,
            call["id"] == SiteId ? Company.Items.Where(item => item.PlaceId == PagesPlace) : [],
            item => UniqueIdOf(item).ToString(),
            item => Selected(call, PageOf(item, isWhole: false))
        );

    private EmulatorAnswer PageOf(EmulatorCall call) =>
        Company.Items.SingleOrDefault(item => UniqueIdOf(item).ToString() == call["page"]) is not { } item ? NotFound()
        : item.IsBroken ? Error(500, "generalException", "General exception while processing")
        : EmulatorAnswer.Json(EmulatorAnswer.Sparse(PageOf(item, isWhole: call.Query("$expand") == "canvasLayout")));

    private object PageOf(CompanyItem item, bool isWhole) =>
        new
        {
            id = UniqueIdOf(item).ToString(),
            name = $"{item.Id}.aspx",
            title = item.Title,
            webUrl = $"{SiteUrl}/SitePages/{item.Id}.aspx",
            createdDateTime = item.CreatedAt,
            lastModifiedDateTime = item.UpdatedAt,
            lastModifiedBy = Editor(item.AuthorId),
            publishingState = new { level = Drafts.Contains(item.Id) ? "draft" : "published", versionId = "1.0" },
            canvasLayout = !isWhole
                ? null
                : new
                {
                    horizontalSections = new[]
                    {
                        new
                        {
                            id = "1",
                            columns = new[]
                            {
                                new
                                {
                                    id = "1",
                                    webparts = new object[]
                                    {
                                        new Dictionary<string, object>
                                        {
                                            ["@odata.type"] = "#microsoft.graph.textWebPart",
                                            ["id"] = "a",
                                            ["innerHtml"] = $"<p>{System.Net.WebUtility.HtmlEncode(item.Text)}</p>",
                                        },
                                        new Dictionary<string, object>
                                        {
                                            ["@odata.type"] = "#microsoft.graph.standardWebPart",
                                            ["id"] = "b",
                                            ["data"] = new
                                            {
                                                title = "Quick links",
                                                serverProcessedContent = new
                                                {
                                                    searchablePlainTexts = new[]
                                                    {
                                                        new { key = "items[0].title", value = "Canteen menu" },
                                                    },
                                                },
                                            },
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
        };
}
