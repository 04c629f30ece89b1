using Tributary.Sdk.Settings;

namespace Tributary.Engine.Custom.Schemas;

/// <summary>Where in a value a check stands. Paths are written out for mistakes only.</summary>
internal sealed class SchemaPlace
{
    private readonly SchemaPlace? _parent;
    private readonly object? _step;
    private readonly IReadOnlyList<object> _start;

    public SchemaPlace(IReadOnlyList<object> start) => _start = start;

    private SchemaPlace(SchemaPlace parent, object step)
    {
        _parent = parent;
        _step = step;
        _start = parent._start;
    }

    public SchemaPlace Below(object step) => new(this, step);

    public SettingsProblem Problem(string code, string message)
    {
        var steps = new Stack<object>();
        for (var place = this; place._parent is not null; place = place._parent)
        {
            steps.Push(place._step!);
        }

        return new SettingsProblem([.. _start, .. steps], code, message);
    }
}
