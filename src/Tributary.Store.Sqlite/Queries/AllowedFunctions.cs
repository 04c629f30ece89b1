using System.Collections.Frozen;

namespace Tributary.Store.Sqlite.Queries;

/// <summary>The functions that a stranger's statement may call: those that only compute.</summary>
internal static class AllowedFunctions
{
    private static readonly FrozenSet<string> Names = (
        "abs ceil ceiling floor round sign sqrt pow power exp ln log log10 log2 mod pi trunc degrees radians "
        + "acos acosh asin asinh atan atan2 atanh cos cosh sin sinh tan tanh "
        + "avg count group_concat string_agg max min sum total median "
        + "char coalesce concat concat_ws format glob hex if ifnull iif instr length octet_length like likely likelihood unlikely "
        + "lower ltrim nullif printf quote replace rtrim soundex substr substring trim typeof unhex unicode upper "
        + "date time datetime julianday strftime timediff unixepoch current_date current_time current_timestamp "
        + "json json_array json_array_length json_error_position json_extract json_group_array json_group_object "
        + "json_insert json_object json_patch json_quote json_remove json_replace json_set json_type json_valid -> ->> "
        + "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number subtype"
    )
        .Split(' ')
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Has(string? name) => name is not null && Names.Contains(name);
}
