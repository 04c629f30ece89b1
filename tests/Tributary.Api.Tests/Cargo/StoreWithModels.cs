using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Tributary.Engine.Store;

namespace Tributary.Api.Tests.Cargo;

/// <summary>The real store, in which every connector has two models.</summary>
internal class StoreWithModels : DispatchProxy
{
    private IConnectorStore _store = null!;

    public static void Add(IServiceCollection services)
    {
        var real = services.Single(service => service.ServiceType == typeof(IConnectorStore)).ImplementationType!;
        services.AddSingleton(provider =>
        {
            var proxy = Create<IConnectorStore, StoreWithModels>();
            ((StoreWithModels)(object)proxy)._store = (IConnectorStore)
                ActivatorUtilities.CreateInstance(provider, real);
            return proxy;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IConnectorStore.TryDeleteAsync) && (bool)args![2]!
            ? throw new ConnectorInUseException(2)
            : targetMethod.Invoke(_store, args);
}
