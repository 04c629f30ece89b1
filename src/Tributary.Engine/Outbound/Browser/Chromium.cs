using Microsoft.Extensions.Logging;

namespace Tributary.Engine.Outbound.Browser;

/// <summary>
/// The one browser of this process: started when the first page needs it, shared by all connectors (each page has a
/// profile of its own), stopped when none has needed it for a while.
/// </summary>
internal sealed partial class Chromium : IAsyncDisposable
{
    // Each page is a process of some hundred megabytes.
    private const int MostPages = 4;

    private static readonly string[] _names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private static readonly TimeSpan _idleStop = TimeSpan.FromMinutes(2);

    private readonly string _program;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _pages = new(MostPages);
    private readonly SemaphoreSlim _starting = new(1);
    private readonly ITimer _idle;
    private BrowserProcess? _process;
    private int _users;
    private bool _isDisposed;

    private Chromium(string program, TimeProvider time, ILoggerFactory loggers)
    {
        _program = program;
        _logger = loggers.CreateLogger<Chromium>();
        _idle = time.CreateTimer(
            static browser => _ = ((Chromium)browser!).StopIfIdleAsync(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>The running process; null when none runs.</summary>
    public BrowserProcess? Running => _process;

    /// <summary>Finds an installed one; null when there is none.</summary>
    public static Chromium? Find(TimeProvider time, ILoggerFactory loggers)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
            Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries
        );
        var program = _names
            .SelectMany(name => folders.Append("/usr/bin").Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        return program is null ? null : new Chromium(program, time, loggers);
    }

    /// <summary>Does something with the browser, starting it when it does not run.</summary>
    public async Task<T> UseAsync<T>(Func<CdpConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _pages.WaitAsync(cancellationToken);
        try
        {
            return await work(await EnterAsync(cancellationToken));
        }
        finally
        {
            _pages.Release();
            Leave();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _starting.WaitAsync();
        try
        {
            _isDisposed = true;
            await _idle.DisposeAsync();
            await StopAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<CdpConnection> EnterAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _users);
        await _starting.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_process is { Connection.IsClosed: true })
            {
                await StopAsync();
            }

            if (_process is null)
            {
                _process = await BrowserProcess.StartAsync(_program, cancellationToken);
                LogStarted(_logger, _program, _process.Id);
            }

            return _process.Connection;
        }
        finally
        {
            _starting.Release();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _idle.Change(_idleStop, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task StopIfIdleAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (!_isDisposed && Volatile.Read(ref _users) == 0)
            {
                await StopAsync();
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
            LogStopped(_logger, _program);
        }
    }

    [LoggerMessage(3101, LogLevel.Debug, "Started the browser {Program} as process {Id}")]
    private static partial void LogStarted(ILogger logger, string program, int id);

    [LoggerMessage(3102, LogLevel.Debug, "Stopped the browser {Program}")]
    private static partial void LogStopped(ILogger logger, string program);
}
