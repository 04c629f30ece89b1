using Tributary.Api.Http;

namespace Tributary.Api.Cargo.Storage;

/// <summary>Datasets, models, runs and records.</summary>
internal static class StorageRoutes
{
    public static void Map(DialectRoutes routes) => routes.Under("Storage");
}
