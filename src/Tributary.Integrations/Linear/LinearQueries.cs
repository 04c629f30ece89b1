namespace Tributary.Integrations.Linear;

/// <summary>
/// What is asked of Linear. A query costs points for everything that it could answer, a list its whole page: lists below
/// others are short, and what they do not hold is asked for by itself.
/// </summary>
internal static class LinearQueries
{
    public const string Viewer = "query Viewer { viewer { name email } organization { name } }";

    public const string IssueIds = """
        query IssueIds($after: String) {
          items: issues(first: 250, after: $after, includeArchived: true) { nodes { id trashed } pageInfo { hasNextPage endCursor } }
        }
        """;

    public const string ProjectIds = """
        query ProjectIds($after: String) {
          items: projects(first: 250, after: $after, includeArchived: true) { nodes { id trashed } pageInfo { hasNextPage endCursor } }
        }
        """;

    public const string DocumentIds = """
        query DocumentIds($after: String) {
          items: documents(first: 250, after: $after, includeArchived: true) { nodes { id trashed } pageInfo { hasNextPage endCursor } }
        }
        """;

    public const string Members = """
        query Members($team: ID!, $after: String) {
          items: teams(filter: { id: { eq: $team } }, first: 1) {
            nodes { id members(first: 250, after: $after) { nodes { email active } pageInfo { hasNextPage endCursor } } }
            pageInfo { hasNextPage endCursor }
          }
        }
        """;

    public const string NewestComment = """
        query NewestComment {
          items: comments(first: 1, orderBy: updatedAt, includeArchived: true) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } }
        }
        """;

    public const string NewestUpdate = """
        query NewestUpdate {
          items: projectUpdates(first: 1, orderBy: updatedAt, includeArchived: true) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } }
        }
        """;

    public const string ChangedComments = """
        query ChangedComments($filter: CommentFilter, $after: String) {
          items: comments(filter: $filter, first: 250, after: $after, orderBy: updatedAt, includeArchived: true) {
            nodes { id updatedAt issue { id } } pageInfo { hasNextPage endCursor }
          }
        }
        """;

    public const string ChangedUpdates = """
        query ChangedUpdates($filter: ProjectUpdateFilter, $after: String) {
          items: projectUpdates(filter: $filter, first: 250, after: $after, orderBy: updatedAt, includeArchived: true) {
            nodes { id updatedAt project { id } } pageInfo { hasNextPage endCursor }
          }
        }
        """;

    public const string CommentsOfIssue =
        """
            query CommentsOfIssue($filter: CommentFilter, $after: String) {
              items: comments(filter: $filter, first: 100, after: $after) {
                nodes { ...CommentFields } pageInfo { hasNextPage endCursor }
              }
            }
            """ + CommentFields;

    public const string UpdatesOfProject =
        """
            query UpdatesOfProject($filter: ProjectUpdateFilter, $after: String) {
              items: projectUpdates(filter: $filter, first: 100, after: $after) {
                nodes { ...UpdateFields } pageInfo { hasNextPage endCursor }
              }
            }
            """ + UpdateFields;

    public const string Issues =
        """
            query Issues($filter: IssueFilter, $after: String) {
              items: issues(filter: $filter, first: 50, after: $after, orderBy: updatedAt, includeArchived: true) {
                nodes { ...IssueFields } pageInfo { hasNextPage endCursor }
              }
            }
            """ + IssueFields;

    public const string Issue = "query Issue($id: String!) { item: issue(id: $id) { ...IssueFields } }" + IssueFields;

    public const string FindIssues = """
        query FindIssues($term: String!, $first: Int) {
          items: searchIssues(term: $term, first: $first, includeComments: true) {
            nodes { id identifier title url createdAt updatedAt trashed } pageInfo { hasNextPage endCursor }
          }
        }
        """;

    public const string Projects =
        """
            query Projects($filter: ProjectFilter, $after: String) {
              items: projects(filter: $filter, first: 50, after: $after, orderBy: updatedAt, includeArchived: true) {
                nodes { ...ProjectFields } pageInfo { hasNextPage endCursor }
              }
            }
            """ + ProjectFields;

    public const string Project =
        "query Project($id: String!) { item: project(id: $id) { ...ProjectFields } }" + ProjectFields;

    public const string IssueStubs = """
        query IssueStubs($filter: IssueFilter, $after: String) {
          items: issues(filter: $filter, first: 50, after: $after, orderBy: updatedAt, includeArchived: true) {
            nodes { id url updatedAt trashed } pageInfo { hasNextPage endCursor }
          }
        }
        """;

    public const string ProjectStubs = """
        query ProjectStubs($filter: ProjectFilter, $after: String) {
          items: projects(filter: $filter, first: 50, after: $after, orderBy: updatedAt, includeArchived: true) {
            nodes { id url updatedAt trashed } pageInfo { hasNextPage endCursor }
          }
        }
        """;

    public const string DocumentStubs = """
        query DocumentStubs($filter: DocumentFilter, $after: String) {
          items: documents(filter: $filter, first: 50, after: $after, orderBy: updatedAt, includeArchived: true) {
            nodes { id url updatedAt trashed } pageInfo { hasNextPage endCursor }
          }
        }
        """;

    public const string Documents =
        """
            query Documents($filter: DocumentFilter, $after: String) {
              items: documents(filter: $filter, first: 50, after: $after, orderBy: updatedAt, includeArchived: true) {
                nodes { ...DocumentFields } pageInfo { hasNextPage endCursor }
              }
            }
            """ + DocumentFields;

    public const string Document =
        "query Document($id: String!) { item: document(id: $id) { ...DocumentFields } }" + DocumentFields;

    private const string DocumentFields = """

        fragment DocumentFields on Document {
          id title content url createdAt updatedAt trashed
          creator { name email } updatedBy { name email } initiative { name }
          team { id visibility }
          project { name teams(first: 10) { nodes { id visibility } pageInfo { hasNextPage endCursor } } }
          issue { identifier team { id visibility } }
        }
        """;

    private const string CommentFields = """

        fragment CommentFields on Comment {
          id body url createdAt updatedAt user { name email } botActor { name } externalUser { name }
        }
        """;

    private const string UpdateFields = """

        fragment UpdateFields on ProjectUpdate { id body url createdAt updatedAt health user { name email } }
        """;

    private const string IssueFields =
        """

            fragment IssueFields on Issue {
              id identifier title description url createdAt updatedAt archivedAt completedAt trashed priorityLabel estimate dueDate
              previousIdentifiers state { name } team { id key name visibility }
              creator { name email } assignee { name email } botActor { name } externalUserCreator { name }
              labels(first: 10) { nodes { name } pageInfo { hasNextPage endCursor } }
              project { name } cycle { name number } parent { identifier }
              comments(first: 5, orderBy: updatedAt) { nodes { ...CommentFields } pageInfo { hasNextPage endCursor } }
            }
            """ + CommentFields;

    private const string ProjectFields =
        """

            fragment ProjectFields on Project {
              id name description content url createdAt updatedAt trashed health targetDate status { name }
              lead { name email } creator { name email }
              teams(first: 10) { nodes { id key name visibility } pageInfo { hasNextPage endCursor } }
              projectUpdates(first: 5, orderBy: updatedAt) { nodes { ...UpdateFields } pageInfo { hasNextPage endCursor } }
            }
            """ + UpdateFields;
}
