namespace Tributary.Engine.Models;

/// <summary>Records that search finds.</summary>
public static class ModelDocuments
{
    /// <summary>The id of a record's document: the same as long as model and record live.</summary>
    public static string IdOf(Model model, string recordId) => $"model:{model.Uuid}:{recordId}";
}
