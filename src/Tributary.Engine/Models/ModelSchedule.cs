using System.Globalization;
using Tributary.Engine.Connectors;

namespace Tributary.Engine.Models;

/// <summary>A model's schedule beside the Clarm dialect's refresh frequency, which is an <c>@every</c> in seconds.</summary>
public static class ModelSchedule
{
    /// <summary>A refresh frequency as a schedule.</summary>
    public static string? Of(long? seconds) =>
        seconds is { } every ? string.Create(CultureInfo.InvariantCulture, $"@every {every}s") : null;

    /// <summary>A schedule as a refresh frequency; null for cron, which has none, and for no schedule.</summary>
    public static long? SecondsOf(string? schedule) =>
        schedule is null ? null : CronExpression.Parse(schedule).EverySeconds;

    /// <summary>When a model that was read now is read next; null when it is not by itself.</summary>
    internal static DateTimeOffset? Next(Model? model, DateTimeOffset now) =>
        model?.Schedule is not { } text ? null
        : CronExpression.Parse(text) is { EverySeconds: { } seconds } && model.Kind == ModelKind.Documents
            ? Schedule.NextRefresh(seconds, now)
        : CronExpression.Parse(text).Next(now);
}
