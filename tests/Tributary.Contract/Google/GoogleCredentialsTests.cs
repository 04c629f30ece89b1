using Tributary.Integrations.Google;

namespace Tributary.Contract.Google;

public class GoogleCredentialsTests
{
    [Fact]
    public void What_is_wrong_with_credentials_is_named()
    {
        new GoogleCredentials().Validate().ShouldHaveSingleItem();
        new GoogleCredentials { GoogleTokens = "{}" }
            .Validate()
            .ShouldHaveSingleItem();
        new GoogleCredentials { GoogleTokens = "no JSON" }
            .Validate()
            .ShouldHaveSingleItem();
        new GoogleCredentials { GoogleServiceAccountKey = "{\"type\":\"x\"}" }
            .Validate()
            .ShouldHaveSingleItem();
        new GoogleCredentials { GoogleTokens = "{\"refresh_token\":\"r\"}" }
            .Validate()
            .ShouldBeEmpty();
    }
}
