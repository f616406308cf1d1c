//! A logo as its file: format and dimensions, read from the first bytes. Taste is for people.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What a file says about its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logo {
    /// The size of the file in bytes.
    pub(crate) bytes: u64,
    /// Format, width and height; absent where it is no picture Okta takes.
    pub(crate) picture: Option<Picture>,
}

/// A picture of a format that Okta takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Its format.
    pub(crate) format: &'static str,
    /// How wide it is, in pixels.
    pub(crate) width: u32,
    /// How high it is, in pixels.
    pub(crate) height: u32,
}

/// Looks at a file; only as much of it is read as a header may need.
pub(crate) fn look(path: &Path) -> io::Result<Logo> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let bytes = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    Ok(Logo { bytes, picture: picture(&head) })
}

fn picture(head: &[u8]) -> Option<Picture> {
    png(head).or_else(|| gif(head)).or_else(|| jpeg(head))
}

/// PNG (ISO 15948 §11.2.2): the first chunk is IHDR, which begins with width and height.
fn png(head: &[u8]) -> Option<Picture> {
    let rest = head.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    if rest.get(4..8)? != b"IHDR" {
        return None;
    }
    Some(Picture { format: "PNG", width: wide(rest.get(8..12)?), height: wide(rest.get(12..16)?) })
}

/// GIF: the version is followed by width and height, low bytes first.
fn gif(head: &[u8]) -> Option<Picture> {
    let rest = head.strip_prefix(b"GIF87a").or_else(|| head.strip_prefix(b"GIF89a"))?;
    let number = |at: usize| Some(u32::from(u16::from_le_bytes([*rest.get(at)?, *rest.get(at + 1)?])));
    Some(Picture { format: "GIF", width: number(0)?, height: number(2)? })
}

/// JPEG (ITU T.81 Annex B): segments follow each other, and the frame header tells height and width.
fn jpeg(head: &[u8]) -> Option<Picture> {
    let mut rest = head.strip_prefix(b"\xff\xd8")?;
    loop {
        let [255, marker, high, low, ..] = *rest else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        // Markers C0 to CF are frame headers, but for three that define tables.
        if (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker) {
            let (height, width) = (wide(rest.get(5..7)?), wide(rest.get(7..9)?));
            return Some(Picture { format: "JPG", width, height });
        }
        // Fill bytes may stand before a marker.
        rest = if marker == 255 { rest.get(1..)? } else { rest.get(2 + length.max(2)..)? };
    }
}

fn wide(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// A JPEG may carry large comments before its frame header.
const HEAD: u64 = 2_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_formats_tell_their_dimensions() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\xc8\0\0\0\xf4\x08\x06";
        assert_eq!(picture(png), Some(Picture { format: "PNG", width: 200, height: 244 }));
        let gif = b"GIF89a\xf4\0\x9c\0rest";
        assert_eq!(picture(gif), Some(Picture { format: "GIF", width: 244, height: 156 }));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc4\0\x03x\xff\xc0\0\x0b\x08\0\x9c\0\xf4\x03";
        assert_eq!(picture(jpeg), Some(Picture { format: "JPG", width: 244, height: 156 }));
    }

    #[test]
    fn what_is_no_picture_or_ends_early_is_none() {
        let files: [&[u8]; 7] = [
            b"",
            b"<svg/>",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a\x01",
            b"\xff\xd8",
            b"\xff\xd8\xff\xe0\xff\xff",
            b"\xff\xd8ab",
        ];
        for bytes in files {
            assert_eq!(picture(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_folder_is_no_logo() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(look(folder.path()).is_err());
        let path = folder.path().join("logo.png");
        std::fs::write(&path, b"GIF89a\xc8\0\xc8\0").expect("a file");
        let logo = look(&path).expect("it is there");
        assert_eq!((logo.bytes, logo.picture.map(|picture| picture.width)), (10, Some(200)));
    }
}
