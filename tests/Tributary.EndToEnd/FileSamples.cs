using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Tributary.Extraction.Tests.Office;
using Tributary.Testing;

namespace Tributary.EndToEnd;

/// <summary>Small real files of many formats, each holding a text of its own.</summary>
internal static class FileSamples
{
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// <summary>The formats that are made here, by the end of the name.</summary>
    public static IReadOnlyDictionary<string, Func<string, byte[]>> Makers { get; } =
        new Dictionary<string, Func<string, byte[]>>
        {
            ["txt"] = Utf8,
            ["md"] = text => Utf8($"# Notes\n\n{text}"),
            ["mdx"] = text => Utf8($"# Notes\n\n{text}"),
            ["conf"] = text => Utf8($"# {text}\nkey = value"),
            ["log"] = text => Utf8($"2025-01-15 08:30:00 INFO {text}"),
            ["json"] = text => Utf8($"{{\"note\": \"{text}\"}}"),
            ["jsonl"] = text => Utf8($"{{\"note\": \"{text}\"}}\n{{\"note\": \"end\"}}"),
            ["csv"] = text => Utf8($"name;note\nanna;{text}"),
            ["tsv"] = text => Utf8($"name\tnote\nanna\t{text}"),
            ["xml"] = text => Utf8($"<?xml version=\"1.0\"?><notes><note>{text}</note></notes>"),
            ["yml"] = text => Utf8($"note: {text}"),
            ["yaml"] = text => Utf8($"note: {text}"),
            ["sql"] = text => Utf8($"-- {text}\nSELECT 1;"),
            ["vtt"] = text => Utf8($"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Anna>{text}"),
            ["srt"] = text => Utf8($"1\n00:00:00,000 --> 00:00:02,000\n{text}\n"),
            ["tex"] = text => Utf8($"\\section{{Notes}}\n{text}"),
            ["rst"] = text => Utf8($"Notes\n=====\n\n{text}"),
            ["adoc"] = text => Utf8($"= Notes\n\n{text}"),
            ["org"] = text => Utf8($"* Notes\n{text}"),
            ["cs"] = text => Utf8($"// {text}\nclass A;"),
            ["py"] = text => Utf8($"# {text}\nprint(1)"),
            ["utf16.txt"] = text => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)],
            ["html"] = text => Utf8($"<html><head><title>A page</title></head><body><p>{text}</p></body></html>"),
            ["htm"] = text => Utf8($"<p>{text}"),
            ["xhtml"] = text =>
                Utf8(
                    $"<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>A page</title></head><body><p>{text}</p></body></html>"
                ),
            ["rtf"] = text => Utf8($"{{\\rtf1\\ansi {text}\\par}}"),
            ["ics"] = text =>
                Utf8(
                    $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20250115T083000Z\r\nSUMMARY:{text}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
                ),
            ["vcf"] = text => Utf8($"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nNOTE:{text}\r\nEND:VCARD\r\n"),
            ["ipynb"] = text =>
                Utf8(
                    $"{{\"cells\":[{{\"cell_type\":\"markdown\",\"metadata\":{{}},\"source\":[\"{text}\"]}}],\"metadata\":{{}},\"nbformat\":4,\"nbformat_minor\":5}}"
                ),
            ["eml"] = Mail,
            ["mbox"] = text => [.. Utf8("From anna@example.com Wed Jan 15 08:30:00 2025\n"), .. Mail(text)],
            ["msg"] = Message,
            ["docx"] = Word,
            ["xlsx"] = Workbook,
            ["xlsm"] = Workbook,
            ["pptx"] = Slides,
            ["odt"] = text => OpenDocument("text", $"<text:p>{text}</text:p>"),
            ["ods"] = text =>
                OpenDocument(
                    "spreadsheet",
                    $"<table:table table:name=\"One\"><table:table-row><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row></table:table>"
                ),
            ["odp"] = text =>
                OpenDocument(
                    "presentation",
                    $"<draw:page draw:name=\"page1\"><draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame></draw:page>"
                ),
            ["epub"] = Book,
            ["pdf"] = text => Pdf(text),
            ["zip"] = text => Zip(("inner.txt", Utf8(text))),
            ["txt.gz"] = text => Gzip(Utf8(text)),
            ["tar.gz"] = text => Gzip(Tar("inner.txt", Utf8(text))),
        };

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(
                        name,
                        name == "mimetype" ? CompressionLevel.NoCompression : CompressionLevel.Optimal
                    )
                    .Open();
                entry.Write(bytes);
            }
        }

        return file.ToArray();
    }

    public static byte[] Word(string text) =>
        Zip(
            (
                "[Content_Types].xml",
                Utf8(
                    Types(
                        (
                            "/word/document.xml",
                            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
                        )
                    )
                )
            ),
            ("_rels/.rels", Utf8(Relations(("r1", "officeDocument", "word/document.xml")))),
            (
                "word/document.xml",
                Utf8(
                    $"<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
                )
            )
        );

    /// <summary>A page with a line of text; encrypted (RC4, 40 bits) when there is a password.</summary>
    public static byte[] Pdf(string text, string? password = null)
    {
        var id = MD5.HashData("the id"u8);
        var content = Utf8($"BT /F1 18 Tf 50 700 Td ({text}) Tj ET");
        var encryption = "";
        if (password is not null)
        {
            var padded = Padded(password);
            var owner = Rc4(MD5.HashData(padded)[..5], padded);
            var key = MD5.HashData([.. padded, .. owner, 0xfc, 0xff, 0xff, 0xff, .. id])[..5];
            var user = Rc4(key, Padded(""));
            encryption =
                $"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{Convert.ToHexString(owner)}> /U <{Convert.ToHexString(user)}> >> ";
            content = Rc4(MD5.HashData([.. key, 4, 0, 0, 0, 0])[..10], content);
        }

        using var file = new MemoryStream();
        var offsets = new List<long>();
        void Write(string part) => file.Write(Encoding.Latin1.GetBytes(part));
        Write("%PDF-1.4\n");
        foreach (
            var (index, body) in (
                (string[])
                    [
                        "<< /Type /Catalog /Pages 2 0 R >>",
                        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
                        "",
                        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
                    ]
            ).Index()
        )
        {
            offsets.Add(file.Position);
            Write($"{index + 1} 0 obj\n");
            if (index == 3)
            {
                Write($"<< /Length {content.Length} >>\nstream\n");
                file.Write(content);
                Write("\nendstream");
            }

            Write($"{body}\nendobj\n");
        }

        var table = file.Position;
        Write($"xref\n0 6\n0000000000 65535 f \n{string.Concat(offsets.Select(offset => $"{offset:D10} 00000 n \n"))}");
        var hex = Convert.ToHexString(id);
        Write($"trailer\n<< /Size 6 /Root 1 0 R {encryption}/ID [<{hex}><{hex}>] >>\nstartxref\n{table}\n%%EOF\n");
        return file.ToArray();
    }

    /// <summary>Has LibreOffice save a file in another format.</summary>
    public static async Task<byte[]> ConvertAsync(TemporaryFolder folder, string name, byte[] bytes, string to)
    {
        await File.WriteAllBytesAsync(folder[name], bytes);
        using var office = Process.Start(
            new ProcessStartInfo(
                "/usr/bin/soffice",
                [
                    $"-env:UserInstallation=file://{folder["profile"]}",
                    "--headless",
                    "--convert-to",
                    to,
                    "--outdir",
                    folder["converted"],
                    folder[name],
                ]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = office.StandardOutput.ReadToEndAsync();
        var errors = office.StandardError.ReadToEndAsync();
        await office.WaitForExitAsync();
        var converted = Path.Combine(folder["converted"], Path.ChangeExtension(name, to.Split(':')[0]));
        File.Exists(converted).ShouldBeTrue($"{await output} {await errors}");
        return await File.ReadAllBytesAsync(converted);
    }

    private static byte[] Mail(string text) =>
        Utf8(
            $"From: Anna <anna@example.com>\r\nTo: ben@example.com\r\nSubject: A mail\r\nDate: Wed, 15 Jan 2025 08:30:00 +0000\r\nMessage-ID: <1@example.com>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );

    private static byte[] Message(string text) =>
        CompoundWriter.Write(
            ("__properties_version1.0", new byte[32]),
            ("__substg1.0_001A001F", Encoding.Unicode.GetBytes("IPM.Note")),
            ("__substg1.0_0037001F", Encoding.Unicode.GetBytes("A message")),
            ("__substg1.0_1000001F", Encoding.Unicode.GetBytes(text))
        );

    private static byte[] Workbook(string text) =>
        Zip(
            (
                "[Content_Types].xml",
                Utf8(
                    Types(
                        (
                            "/xl/workbook.xml",
                            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
                        ),
                        (
                            "/xl/worksheets/sheet1.xml",
                            "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
                        )
                    )
                )
            ),
            ("_rels/.rels", Utf8(Relations(("r1", "officeDocument", "xl/workbook.xml")))),
            ("xl/_rels/workbook.xml.rels", Utf8(Relations(("r1", "worksheet", "worksheets/sheet1.xml")))),
            (
                "xl/workbook.xml",
                Utf8(
                    $"<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{Office}\"><sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
                )
            ),
            (
                "xl/worksheets/sheet1.xml",
                Utf8(
                    $"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c></row></sheetData></worksheet>"
                )
            )
        );

    private static byte[] Slides(string text) =>
        Zip(
            (
                "[Content_Types].xml",
                Utf8(
                    Types(
                        (
                            "/ppt/presentation.xml",
                            "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
                        ),
                        (
                            "/ppt/slides/slide1.xml",
                            "application/vnd.openxmlformats-officedocument.presentationml.slide+xml"
                        )
                    )
                )
            ),
            ("_rels/.rels", Utf8(Relations(("r1", "officeDocument", "ppt/presentation.xml")))),
            ("ppt/_rels/presentation.xml.rels", Utf8(Relations(("r1", "slide", "slides/slide1.xml")))),
            (
                "ppt/presentation.xml",
                Utf8(
                    $"<p:presentation xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" xmlns:r=\"{Office}\"><p:sldIdLst><p:sldId id=\"256\" r:id=\"r1\"/></p:sldIdLst><p:sldSz cx=\"9144000\" cy=\"6858000\"/></p:presentation>"
                )
            ),
            (
                "ppt/slides/slide1.xml",
                Utf8(
                    $"<p:sld xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"T\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"8000000\" cy=\"900000\"/></a:xfrm><a:prstGeom prst=\"rect\"/></p:spPr><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
                )
            )
        );

    private static byte[] OpenDocument(string kind, string body) =>
        Zip(
            ("mimetype", Utf8($"application/vnd.oasis.opendocument.{kind}")),
            (
                "content.xml",
                Utf8(
                    "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\">"
                        + $"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
                )
            ),
            (
                "meta.xml",
                Utf8(
                    "<office:document-meta xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><office:meta><dc:title>An open document</dc:title></office:meta></office:document-meta>"
                )
            )
        );

    private static byte[] Book(string text) =>
        Zip(
            ("mimetype", Utf8("application/epub+zip")),
            (
                "META-INF/container.xml",
                Utf8(
                    "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"book.opf\"/></rootfiles></container>"
                )
            ),
            (
                "book.opf",
                Utf8(
                    "<package xmlns=\"http://www.idpf.org/2007/opf\"><metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>A book</dc:title></metadata><manifest><item id=\"a\" href=\"a.xhtml\"/></manifest><spine><itemref idref=\"a\"/></spine></package>"
                )
            ),
            ("a.xhtml", Utf8($"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><p>{text}</p></body></html>"))
        );

    private static string Types(params (string Part, string Type)[] parts) =>
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        + string.Concat(parts.Select(part => $"<Override PartName=\"{part.Part}\" ContentType=\"{part.Type}\"/>"))
        + "</Types>";

    private static string Relations(params (string Id, string Kind, string Target)[] relations) =>
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        + string.Concat(
            relations.Select(relation =>
                $"<Relationship Id=\"{relation.Id}\" Type=\"{Office}/{relation.Kind}\" Target=\"{relation.Target}\"/>"
            )
        )
        + "</Relationships>";

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Tar(string name, byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var tar = new TarWriter(packed, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
        }

        return packed.ToArray();
    }

    // PDF 1.7, algorithms 1 to 4.
    private static byte[] Padded(string password)
    {
        var padding = Convert.FromHexString("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A");
        return [.. Encoding.Latin1.GetBytes(password), .. padding.Take(32 - password.Length)];
    }

    private static byte[] Rc4(byte[] key, byte[] bytes)
    {
        var state = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        for (int i = 0, j = 0; i < 256; i++)
        {
            j = (j + state[i] + key[i % key.Length]) & 255;
            (state[i], state[j]) = (state[j], state[i]);
        }

        var result = new byte[bytes.Length];
        for (int n = 0, i = 0, j = 0; n < bytes.Length; n++)
        {
            i = (i + 1) & 255;
            j = (j + state[i]) & 255;
            (state[i], state[j]) = (state[j], state[i]);
            result[n] = (byte)(bytes[n] ^ state[(state[i] + state[j]) & 255]);
        }

        return result;
    }
}
