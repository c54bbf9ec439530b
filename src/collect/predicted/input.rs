//! Texts as tools and shells leave them: UTF-8 with or without a mark, UTF-16 of either order, compressed.

use std::borrow::Cow;
use std::io::Read;

/// The largest text that is read, in bytes: plans of a hundred thousand resources have 300 MB.
pub const BYTES_MAX: usize = 2 << 30;

/// Why bytes are no text.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// There is nothing.
    #[error("the input is empty")]
    Empty,
    /// It is too large.
    #[error("the input has more than {BYTES_MAX} bytes")]
    TooLarge,
    /// It claims to be compressed, and cannot be unpacked.
    #[error("the input is compressed and cannot be unpacked: {0}")]
    Compressed(std::io::Error),
    /// It is neither UTF-8 nor UTF-16.
    #[error("the input is neither UTF-8 nor UTF-16 text (byte {at}); {hint}")]
    NotText {
        /// The first byte that does not fit.
        at: usize,
        /// What it may be instead.
        hint: &'static str,
    },
}

/// Unpacks and decodes.
///
/// # Errors
/// When it is no text.
pub fn text(bytes: &[u8]) -> Result<Cow<'_, str>, InputError> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
    let unpacked = match bytes {
        [] => return Err(InputError::Empty),
        _ if bytes.len() > BYTES_MAX => return Err(InputError::TooLarge),
        _ if bytes.starts_with(GZIP) => all(flate2::read::MultiGzDecoder::new(bytes))?,
        _ if bytes.starts_with(ZSTD) => {
            all(zstd::stream::read::Decoder::new(bytes).map_err(InputError::Compressed)?)?
        }
        _ => return decode(bytes),
    };
    decode(&unpacked).map(|text| Cow::Owned(text.into_owned()))
}

fn all(reader: impl Read) -> Result<Vec<u8>, InputError> {
    let mut out = Vec::new();
    let limit = BYTES_MAX as u64 + 1;
    reader.take(limit).read_to_end(&mut out).map_err(InputError::Compressed)?;
    if out.len() > BYTES_MAX { Err(InputError::TooLarge) } else { Ok(out) }
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, InputError> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Without a mark: the first character of JSON and YAML is one of ASCII.
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(bytes, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, InputError> {
    let hint = if bytes.starts_with(b"PK") {
        "a saved plan must be printed first: `terraform show -json FILE`"
    } else {
        "give the JSON or YAML itself"
    };
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|error| InputError::NotText { at: error.valid_up_to(), hint })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, InputError> {
    let hint = "it ends or breaks within a UTF-16 character";
    let (pairs, rest) = bytes.as_chunks::<2>();
    let decoded: Result<String, _> =
        char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match decoded {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(InputError::NotText { at: bytes.len(), hint }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "{\"größe\": \"😀\"}";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        let variants = [
            text.as_bytes().to_vec(),
            [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            [&[0xff, 0xfe][..], &le].concat(),
            [&[0xfe, 0xff][..], &be].concat(),
            le,
            be,
            gzip.finish().unwrap(),
            zstd::encode_all(text.as_bytes(), 1).unwrap(),
        ];
        for bytes in variants {
            assert_eq!(super::text(&bytes).unwrap(), text, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_told() {
        let told = |bytes: &[u8]| text(bytes).unwrap_err().to_string();
        assert!(told(b"").contains("empty"));
        assert!(told(b"PK\x03\x04\xff").contains("terraform show -json"));
        assert!(told(&[0xff, 0xfe, b'{']).contains("UTF-16"));
        assert!(told(&[0x1f, 0x8b, 0, 0]).contains("compressed"));
    }
}
