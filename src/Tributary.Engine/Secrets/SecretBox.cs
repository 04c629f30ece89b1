using System.Security.Cryptography;
using System.Text;

namespace Tributary.Engine.Secrets;

/// <summary>
/// Envelope encryption: each secret has a data key of its own (AES-256-GCM), which is wrapped by a key of the ring. Both
/// layers are bound to the place that the secret belongs to, so that an envelope moved to another row does not open.
/// </summary>
/// <remarks>Layout: version 1 · nonce 12 · wrapped data key 32 · tag 16 · nonce 12 · tag 16 · ciphertext.</remarks>
public sealed class SecretBox(KeyRing ring)
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int KeyLength = 32;
    private const int HeaderLength = 1 + NonceLength + KeyLength + TagLength;

    /// <summary>Seals.</summary>
    /// <param name="plain">What is secret.</param>
    /// <param name="place">Workspace, row and field.</param>
    /// <returns>The envelope, and the id of the ring's key.</returns>
    public (byte[] Envelope, string KeyId) Seal(ReadOnlySpan<byte> plain, string place)
    {
        var envelope = new byte[HeaderLength + NonceLength + TagLength + plain.Length];
        Span<byte> dataKey = stackalloc byte[KeyLength];
        RandomNumberGenerator.Fill(dataKey);
        var keyId = ring.CurrentId;
        Wrap(dataKey, keyId, place, envelope);

        var body = envelope.AsSpan(HeaderLength);
        RandomNumberGenerator.Fill(body[..NonceLength]);
        using var cipher = new AesGcm(dataKey, TagLength);
        cipher.Encrypt(
            body[..NonceLength],
            plain,
            body[(NonceLength + TagLength)..],
            body[NonceLength..(NonceLength + TagLength)],
            Encoding.UTF8.GetBytes(place)
        );
        CryptographicOperations.ZeroMemory(dataKey);
        return (envelope, keyId);
    }

    /// <summary>Opens.</summary>
    /// <exception cref="CryptographicException">It was altered, belongs elsewhere, or its key is gone.</exception>
    public byte[] Open(ReadOnlySpan<byte> envelope, string keyId, string place)
    {
        Span<byte> dataKey = stackalloc byte[KeyLength];
        Unwrap(envelope, keyId, place, dataKey);
        var body = envelope[HeaderLength..];
        var plain = new byte[body.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(dataKey, TagLength);
        cipher.Decrypt(
            body[..NonceLength],
            body[(NonceLength + TagLength)..],
            body[NonceLength..(NonceLength + TagLength)],
            plain,
            Encoding.UTF8.GetBytes(place)
        );
        CryptographicOperations.ZeroMemory(dataKey);
        return plain;
    }

    /// <summary>The same secret, its data key wrapped by the ring's key in use.</summary>
    public (byte[] Envelope, string KeyId) Rewrap(ReadOnlySpan<byte> envelope, string keyId, string place)
    {
        Span<byte> dataKey = stackalloc byte[KeyLength];
        Unwrap(envelope, keyId, place, dataKey);
        var result = envelope.ToArray();
        var current = ring.CurrentId;
        Wrap(dataKey, current, place, result);
        CryptographicOperations.ZeroMemory(dataKey);
        return (result, current);
    }

    private void Wrap(ReadOnlySpan<byte> dataKey, string keyId, string place, Span<byte> envelope)
    {
        envelope[0] = Version;
        var nonce = envelope.Slice(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(ring.Find(keyId), TagLength);
        cipher.Encrypt(
            nonce,
            dataKey,
            envelope.Slice(1 + NonceLength, KeyLength),
            envelope.Slice(1 + NonceLength + KeyLength, TagLength),
            Bound(place, keyId)
        );
    }

    private void Unwrap(ReadOnlySpan<byte> envelope, string keyId, string place, Span<byte> dataKey)
    {
        if (envelope.Length < HeaderLength + NonceLength + TagLength || envelope[0] != Version)
        {
            throw new CryptographicException("This is no envelope of a version that is known here.");
        }

        using var cipher = new AesGcm(ring.Find(keyId), TagLength);
        cipher.Decrypt(
            envelope.Slice(1, NonceLength),
            envelope.Slice(1 + NonceLength, KeyLength),
            envelope.Slice(1 + NonceLength + KeyLength, TagLength),
            dataKey,
            Bound(place, keyId)
        );
    }

    private static byte[] Bound(string place, string keyId) => Encoding.UTF8.GetBytes($"{place}|{keyId}");
}
