using System.Net;

namespace Tributary.Engine.Outbound.Guard;

/// <summary>Finds the addresses of a host name; throws <see cref="System.Net.Sockets.SocketException"/> when there are none.</summary>
internal delegate Task<IPAddress[]> NameResolver(string host, CancellationToken cancellationToken);
