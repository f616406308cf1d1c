//! Content decoding with a bound, so that a small response cannot become a large one.

use crate::failure::body_too_large;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use scim_record::Failure;
use std::io::Read;

/// Undoes the content codings that `Content-Encoding` lists, as far as `limit` bytes at each of them.
pub(crate) fn decode(body: Vec<u8>, codings: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    // RFC 9110 section 8.4: codings are listed in the order in which they were applied.
    codings
        .split(',')
        .map(|coding| coding.trim().to_ascii_lowercase())
        .rev()
        .try_fold(body, |body, coding| undo(body, &coding, limit))
}

fn undo(body: Vec<u8>, coding: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    if body.is_empty() {
        return Ok(body);
    }
    match coding {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => gunzip(&body, limit),
        "deflate" => inflate(&body, limit),
        other => Err(Failure::Broken {
            cause: format!("the body is in content coding `{other}`, which the request did not offer"),
        }),
    }
}

fn gunzip(mut rest: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut decoded = Vec::new();
    // RFC 1952 section 2.2: a file is a series of members. What follows the last one is ignored, as Java's reader does.
    loop {
        let mut member = GzDecoder::new(rest);
        read_bounded(&mut member, &mut decoded, "gzip", limit)?;
        rest = member.into_inner();
        if !rest.starts_with(&GZIP_MAGIC) {
            return Ok(decoded);
        }
    }
}

fn inflate(body: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut decoded = Vec::new();
    // RFC 9110 section 8.4.1.2: "deflate" means zlib's format, but some servers send the bare stream.
    if is_zlib(body) {
        read_bounded(ZlibDecoder::new(body), &mut decoded, "deflate", limit)?;
    } else {
        read_bounded(DeflateDecoder::new(body), &mut decoded, "deflate", limit)?;
    }
    Ok(decoded)
}

/// RFC 1950 section 2.2: method 8 in the low half of the first byte, and the first two bytes divide by 31.
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [cmf, flg, ..] => cmf & 0x0f == 8 && (u16::from(*cmf) << 8 | u16::from(*flg)) % 31 == 0,
        _ => false,
    }
}

fn read_bounded(decoder: impl Read, into: &mut Vec<u8>, coding: &str, limit: usize) -> Result<(), Failure> {
    let room = (limit - into.len()) as u64;
    decoder
        .take(room + 1)
        .read_to_end(into)
        .map_err(|e| Failure::Broken { cause: format!("the body is not valid {coding}: {e}") })?;
    if into.len() > limit {
        return Err(body_too_large(limit));
    }
    Ok(())
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bare(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_coding_okta_offers_is_undone() {
        let text = b"{\"totalResults\":0}".as_slice();
        for (coding, encoded) in [
            ("gzip", gzip(text)),
            ("X-GZIP", gzip(text)),
            ("deflate", zlib(text)),
            ("deflate", bare(text)),
            ("identity", text.to_vec()),
            ("", text.to_vec()),
            ("deflate, gzip", gzip(&zlib(text))),
        ] {
            assert_eq!(decode(encoded, coding, 100).unwrap(), text, "{coding}");
        }
    }

    #[test]
    fn an_empty_body_is_empty_in_every_coding() {
        assert_eq!(decode(Vec::new(), "gzip", 10).unwrap(), b"");
        assert_eq!(decode(gzip(b""), "gzip", 10).unwrap(), b"");
    }

    #[test]
    fn members_are_joined_and_garbage_behind_them_is_ignored() {
        let mut two = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(decode(two.clone(), "gzip", 10).unwrap(), b"one two");
        two.extend([0; 7]);
        assert_eq!(decode(two, "gzip", 10).unwrap(), b"one two");
        let hollow = [gzip(b""), vec![0; 7]].concat();
        assert!(decode(hollow, "gzip", 10).is_ok());
    }

    #[test]
    fn the_limit_holds_exactly() {
        for encode in [gzip, zlib, bare] {
            let coding = if encode(b"x").starts_with(&GZIP_MAGIC) { "gzip" } else { "deflate" };
            assert_eq!(decode(encode(&[b'a'; 1000]), coding, 1000).unwrap().len(), 1000);
            let over = decode(encode(&[b'a'; 1001]), coding, 1000);
            assert!(matches!(over, Err(Failure::TooLarge { .. })), "{over:?}");
        }
    }

    #[test]
    fn many_small_members_cannot_pass_the_limit_together() {
        let members = gzip(&[b'a'; 100]).repeat(20);
        assert!(matches!(decode(members, "gzip", 1000), Err(Failure::TooLarge { .. })));
    }

    #[test]
    fn a_truncated_or_foreign_body_is_broken() {
        let whole = gzip(&[b'a'; 1000]);
        for (body, coding) in [
            (whole[..whole.len() - 5].to_vec(), "gzip"),
            (b"{\"plain\":true}".to_vec(), "gzip"),
            (b"{\"plain\":true}".to_vec(), "br"),
        ] {
            let failure = decode(body, coding, 10_000);
            assert!(matches!(failure, Err(Failure::Broken { .. })), "{failure:?}");
        }
    }
}
