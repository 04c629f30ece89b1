namespace Tributary.Contract.Emulators;

/// <summary>
/// The content that every emulator holds in its vendor's own shape: one small company, so that integrations can be
/// compared. An item is whatever the vendor calls a page, a topic, a ticket, an issue, a thread or a file.
/// </summary>
/// <remarks>Its clock moves one second with every change, and has nothing to do with the machine's.</remarks>
public sealed class Company
{
    private readonly List<CompanyItem> _items = [];
    private readonly Dictionary<Func<int, string>, Dictionary<string, CompanyItem>> _named = [];
    private int _nextId = 1;

    /// <summary>The time at the source.</summary>
    public DateTimeOffset Now { get; set; } = new(2025, 1, 15, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Its clock stands, so that everything is made at one instant.</summary>
    public bool IsStandingStill { get; set; }

    /// <summary>Who works there: the first is the administrator.</summary>
    public IReadOnlyList<Person> People { get; } =
    [
        new(1, "Ada Admin", "ada", "ada@example.com"),
        new(2, "Jürgen Groß", "jgross", "juergen.gross@example.com"),
        new(3, "山田 花子", "hanako", "hanako@example.com"),
        new(4, "Zoë O’Brien", "zoe", "zoe@example.com"),
        new(5, "", "former", "former@example.com") { IsActive = false },
    ];

    /// <summary>Where items are filed: spaces, categories, channels, projects, folders.</summary>
    public List<Place> Places { get; } =
    [
        new(1, "General", "general"),
        new(2, "Engineering", "engineering"),
        new(3, "Größe & Maß", "groesse-mass") { ParentId = 2 },
        new(4, "Board", "board") { IsPrivate = true, ReaderIds = [1, 4] },
    ];

    /// <summary>Everything that is there, oldest first; what was deleted is in <see cref="Deleted"/>.</summary>
    public IReadOnlyList<CompanyItem> Items => _items;

    /// <summary>What was deleted, oldest deletion first, for feeds of deletions.</summary>
    public List<CompanyItem> Deleted { get; } = [];

    /// <summary>The company with all that a source has to cope with.</summary>
    public static Company Seeded()
    {
        var company = new Company();
        company.Add("Welcome", "How we work here: ask first, then write it down.");
        company.Add(
            "Straßenkarte 🗺️ für Größen",
            "Ein Umlaut, ein Emoji 👩‍👩‍👧 und עברית in einem Satz.",
            placeId: 3
        );
        var thread = company.Add("A long discussion", "Who has seen the lighthouse keys?", placeId: 2);
        for (var number = 1; number <= 45; number++)
        {
            company.Reply(thread, $"Answer number {number} about the keys.", authorId: 1 + (number % 4));
        }

        company.Add("Board minutes", "The merger is called Project Heron.", placeId: 4);
        company.Add("An archived plan", "We once wanted to sell umbrellas.").IsArchived = true;
        var edited = company.Add("Edited twice", "The first wording.");
        company.Edit(edited, "The second wording.");
        company.Edit(edited, "The final wording speaks of turbines.");
        company
            .Add("With an attachment", "The figures are in the file.", placeId: 2)
            .Attachments.Add(
                new CompanyFile(1, "figures.txt", "text/plain", "Quarterly figures: 4711 anchors."u8.ToArray())
            );
        company.Add("Written by somebody who left", "The password is on the whiteboard.", authorId: 5);
        company.Remove(company.Add("Deleted before anyone read it", "Nobody must find this."));
        return company;
    }

    /// <summary>Adds an item.</summary>
    public CompanyItem Add(string title, string text, int placeId = 1, int authorId = 2)
    {
        var item = new CompanyItem
        {
            Id = _nextId++,
            Title = title,
            Text = text,
            PlaceId = placeId,
            AuthorId = authorId,
            CreatedAt = Tick(),
            UpdatedAt = Now,
        };
        _items.Add(item);
        _named.Clear();
        return item;
    }

    /// <summary>Gives an item another text.</summary>
    public void Edit(CompanyItem item, string text)
    {
        item.Text = text;
        item.Version++;
        item.UpdatedAt = Tick();
    }

    /// <summary>Adds a comment, reply or message to an item.</summary>
    public Reply Reply(CompanyItem item, string text, int authorId = 3)
    {
        var reply = new Reply(_nextId++, text, authorId, Tick());
        item.Replies.Add(reply);
        item.Version++;
        item.UpdatedAt = Now;
        return reply;
    }

    /// <summary>Deletes an item.</summary>
    public void Remove(CompanyItem item)
    {
        _items.Remove(item);
        _named.Clear();
        item.UpdatedAt = Tick();
        Deleted.Add(item);
    }

    /// <summary>The item with this title.</summary>
    public CompanyItem this[string title] => _items.Single(item => item.Title == title);

    /// <summary>The item that has a name at the vendor; null when it is not there. Quick, however many there are.</summary>
    /// <param name="name">The name.</param>
    /// <param name="nameOf">What the vendor calls the item of an id: a static method.</param>
    public CompanyItem? Find(string name, Func<int, string> nameOf)
    {
        if (!_named.TryGetValue(nameOf, out var items))
        {
            _named[nameOf] = items = _items.ToDictionary(item => nameOf(item.Id), StringComparer.Ordinal);
        }

        return items.GetValueOrDefault(name);
    }

    /// <summary>The item with this id; null when it is not there.</summary>
    public CompanyItem? Find(int id) => Find($"{id}", Plain);

    /// <summary>Items with some words in title, text or replies, as a vendor's search finds them; broken ones cannot be read.</summary>
    public IEnumerable<CompanyItem> With(string words) =>
        _items.Where(item =>
            item.Replies.Select(reply => reply.Text)
                .Prepend(item.Text)
                .Prepend(item.Title)
                .Any(text => text.Contains(words, StringComparison.OrdinalIgnoreCase))
        );

    private static string Plain(int id) => $"{id}";

    /// <summary>The person with this id.</summary>
    public Person PersonOf(int id) => People.Single(person => person.Id == id);

    /// <summary>The place with this id.</summary>
    public Place PlaceOf(int id) => Places.Single(place => place.Id == id);

    private DateTimeOffset Tick() => Now = IsStandingStill ? Now : Now.AddSeconds(1);
}

/// <summary>Somebody of the company. The name may be empty, as vendors allow.</summary>
public sealed record Person(int Id, string Name, string Handle, string Email)
{
    public bool IsActive { get; init; } = true;
}

/// <summary>Where items are filed.</summary>
public sealed record Place(int Id, string Name, string Slug)
{
    public int? ParentId { get; init; }

    /// <summary>Only <see cref="ReaderIds"/> may see it.</summary>
    public bool IsPrivate { get; init; }

    public IReadOnlyList<int> ReaderIds { get; init; } = [];
}

/// <summary>One item.</summary>
public sealed class CompanyItem
{
    public required int Id { get; init; }

    public required string Title { get; set; }

    public required string Text { get; set; }

    public required int PlaceId { get; set; }

    public required int AuthorId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Moves with edits and replies.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Counts edits and replies.</summary>
    public int Version { get; set; } = 1;

    public bool IsArchived { get; set; }

    /// <summary>It is listed, and asking for it ends in an error of the source.</summary>
    public bool IsBroken { get; set; }

    public List<Reply> Replies { get; } = [];

    public List<CompanyFile> Attachments { get; } = [];
}

/// <summary>A comment, reply or message below an item.</summary>
public sealed record Reply(int Id, string Text, int AuthorId, DateTimeOffset CreatedAt);

/// <summary>An attached file.</summary>
public sealed record CompanyFile(int Id, string Name, string ContentType, byte[] Content);
