namespace Tributary.Integrations.HubSpot;

/// <summary>What there is to know of a type of records.</summary>
/// <param name="Name">As in addresses.</param>
/// <param name="Single">One of them, as in ids of documents.</param>
/// <param name="TypeId">As in links; null for notes, which have no page.</param>
/// <param name="Scope">What a token needs.</param>
/// <param name="ChangedAt">The property that filters take for the time of the last change.</param>
/// <param name="Properties">What is asked for.</param>
internal sealed record CrmType(
    string Name,
    string Single,
    string? TypeId,
    string Scope,
    string ChangedAt,
    IReadOnlyList<string> Properties
)
{
    private const string Changed = "hs_lastmodifieddate";
    private const string Owner = "hubspot_owner_id";

    public static CrmType Tickets { get; } =
        new(
            "tickets",
            "ticket",
            "0-5",
            "tickets",
            Changed,
            [
                "subject",
                "content",
                "hs_pipeline",
                "hs_pipeline_stage",
                "hs_ticket_priority",
                "hs_ticket_category",
                Owner,
                Changed,
            ]
        );

    public static CrmType Companies { get; } =
        new(
            "companies",
            "company",
            "0-2",
            "crm.objects.companies.read",
            Changed,
            ["name", "domain", "industry", "city", "state", "country", "description", Owner, Changed]
        );

    public static CrmType Deals { get; } =
        new(
            "deals",
            "deal",
            "0-3",
            "crm.objects.deals.read",
            Changed,
            [
                "dealname",
                "amount",
                "deal_currency_code",
                "dealstage",
                "pipeline",
                "closedate",
                "description",
                Owner,
                Changed,
            ]
        );

    // Contacts alone call the time of the last change otherwise.
    public static CrmType Contacts { get; } =
        new(
            "contacts",
            "contact",
            "0-1",
            "crm.objects.contacts.read",
            "lastmodifieddate",
            [
                "firstname",
                "lastname",
                "email",
                "jobtitle",
                "company",
                "phone",
                "lifecyclestage",
                Owner,
                "lastmodifieddate",
            ]
        );

    public static CrmType Notes { get; } =
        new(
            "notes",
            "note",
            null,
            "crm.objects.contacts.read",
            Changed,
            ["hs_note_body", "hs_timestamp", Owner, Changed]
        );

    /// <summary>Those that become documents.</summary>
    public static IReadOnlyList<CrmType> Records { get; } = [Tickets, Companies, Deals, Contacts];

    public string IdOf(string id) => $"hubspot_{Single}_{id}";

    /// <summary>What people call a record.</summary>
    public string TitleOf(CrmRecord record) =>
        Name switch
        {
            "tickets" => record["subject"],
            "companies" => record["name"] ?? record["domain"],
            "deals" => record["dealname"],
            _ => $"{record["firstname"]} {record["lastname"]}".Trim() is { Length: > 0 } name ? name : record["email"],
        } ?? $"{char.ToUpperInvariant(Single[0])}{Single[1..]} {record.Id}";
}
