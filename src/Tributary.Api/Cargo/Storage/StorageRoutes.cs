using Tributary.Api.Http;

namespace Tributary.Api.Cargo.Storage;

/// <summary>Datasets, models, runs and records.</summary>
internal static class StorageRoutes
{
    public static void Map(DialectRoutes routes)
    {
        routes.Under("Storage");
        DatasetEndpoints.Map(routes);
        ModelEndpoints.Map(routes);
        ModelRunEndpoints.Map(routes);
        RecordEndpoints.Map(routes);
        QueryEndpoints.Map(routes);
        ColumnEndpoints.Map(routes);
        RelationshipEndpoints.Map(routes);
    }
}
