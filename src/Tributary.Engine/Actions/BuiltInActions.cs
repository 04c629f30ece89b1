using System.Text.Json;
using Tributary.Engine.Connectors;
using Tributary.Sdk.Settings;

namespace Tributary.Engine.Actions;

/// <summary>Does the actions of the integrations of this version.</summary>
internal sealed class BuiltInActions(ReaderFactory readers, ConnectorSettings connectorSettings)
{
    public async Task<ActionAnswer> ExecuteAsync(
        Connector connector,
        string slug,
        ActionRequest request,
        CancellationToken cancellationToken
    )
    {
        var settings = await connectorSettings.OpenAsync(connector, cancellationToken).ConfigureAwait(false);
        var action =
            settings.Integration.Actions.FirstOrDefault(candidate => candidate.Slug == slug)
            ?? throw EngineException.NotFound($"There is no action '{slug}'.", "actionNotFound");
        var problems = new List<SettingsProblem>();
        var input = SettingsReader.Read(action.InputType, request.Config, UnknownMembers.Refused, problems);
        if (input is null)
        {
            throw new EngineException([.. problems.Select(problem => problem.Under("config"))]);
        }

        if (request.IsDry && !action.OnlyReads)
        {
            return new ActionAnswer
            {
                Outcome = "executed",
                Title = "Would be done",
                Data = JsonSerializer.SerializeToElement(new { }),
            };
        }

        var (context, client) = readers.OpenForUse(settings, connector);
        using (client)
        {
            var result = await action
                .ExecuteAsync(context, settings.Config, settings.Credentials, input, cancellationToken)
                .ConfigureAwait(false);
            return new ActionAnswer
            {
                Outcome = "executed",
                Title = result.Title,
                Data = result.Data,
            };
        }
    }
}
