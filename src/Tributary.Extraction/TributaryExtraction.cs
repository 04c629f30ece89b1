using System.Text;
using Tributary.Extraction.Archives;
using Tributary.Extraction.Converters;
using Tributary.Extraction.Formats;
using Tributary.Extraction.Html;
using Tributary.Extraction.Spooling;
using Tributary.Sdk.Content;

namespace Tributary.Extraction;

/// <summary>The three services of this library, put together. Safe to use from many threads; make one a process.</summary>
public sealed class TributaryExtraction
{
    /// <summary>Makes the services.</summary>
    /// <param name="options">How this machine extracts; null takes the defaults.</param>
    /// <param name="time">The clock that time limits go by; null takes the system's.</param>
    public TributaryExtraction(ExtractionOptions? options = null, TimeProvider? time = null)
    {
        // Legacy charsets are in the framework but not switched on by it.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        options ??= new ExtractionOptions();
        time ??= TimeProvider.System;
        var spool = new Spool(options);
        var html = new HtmlConverter(options.Limits, time);
        var programs = new ProgramRunner(options, time);
        Html = html;
        Text = new TextExtractor(FormatList.All(options, html, programs), options.Limits, spool, time);
        Containers = new ContainerOpener(options.Limits, spool, programs);
    }

    /// <summary>Takes the text out of files.</summary>
    public ITextExtractor Text { get; }

    /// <summary>Reads web pages.</summary>
    public IHtmlConverter Html { get; }

    /// <summary>Opens archives and mails with attachments.</summary>
    public IContainerOpener Containers { get; }
}
