namespace Tributary.Mutation;

/// <summary>The class that a mutated assembly asks whether a mutant is on.</summary>
internal static class MutantSwitch
{
    /// <summary>Its source.</summary>
    public const string Source = """
        internal static class Mutants
        {
            /// The one that is on; -1 for none.
            public static int Active = -1;

            /// Those that were asked for; null while nobody wants to know.
            public static bool[] Seen;

            public static bool Is(int number)
            {
                if (Seen is { } seen)
                {
                    seen[number] = true;
                }

                return number == Active;
            }
        }
        """;
}
