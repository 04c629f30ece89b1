namespace Tributary.Sdk;

/// <summary>For integrations without credentials.</summary>
public sealed record NoCredentials;

/// <summary>For integrations without config.</summary>
public sealed record NoConfig;
