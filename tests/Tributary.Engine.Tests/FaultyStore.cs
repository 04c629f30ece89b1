using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Tributary.Engine.Tests;

/// <summary>The failures that a test wants to see, each for one call.</summary>
public sealed class Faults
{
    private readonly ConcurrentDictionary<string, Exception> _next = new();

    /// <summary>The next call of this method fails.</summary>
    public void FailNext(string method, Exception exception) => _next[method] = exception;

    internal void ThrowIfWanted(string method)
    {
        if (_next.TryRemove(method, out var exception))
        {
            throw exception;
        }
    }
}

/// <summary>A store that is the real one but for the failures that a test wants.</summary>
public class FaultyStore : DispatchProxy
{
    private object _inner = null!;
    private Faults _faults = null!;

    /// <summary>Puts itself in front of a store that was added.</summary>
    public static void Wrap<T>(IServiceCollection services, Faults faults)
        where T : class
    {
        var real = services.Last(service => service.ServiceType == typeof(T)).ImplementationType!;
        services.AddSingleton(provider =>
        {
            var wrapped = Create<T, FaultyStore>();
            var store = (FaultyStore)(object)wrapped;
            (store._inner, store._faults) = (ActivatorUtilities.CreateInstance(provider, real), faults);
            return wrapped;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _faults.ThrowIfWanted(targetMethod!.Name);
        return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
