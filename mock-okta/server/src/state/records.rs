//! The file in which an org is kept: one record a line, the oldest first.
//!
//! ```text
//! 2f1d9c3a {"rehearsal":"okta-org","format":2,"began":1767603600,"seed":"org = \"acme\"\n"}
//! 90b1e5c7 {"at":12,"input":{"call":{"method":"POST","target":"/api/v1/users","body":"…"}}}
//! ```
//!
//! Before each record stands a checksum (CRC-32) of the checksum before it and of the record itself, so that a record that
//! changed, went or moved is seen. The line break is written last: bytes at the end without one are the mark of a crash.
//! Any other damage is not, and nobody but a person should decide what to do about it.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};

use serde::Serialize;

/// Reads records.
#[derive(Debug)]
pub(super) struct Records<R> {
    source: R,
    /// How many records were read.
    pub(super) read: u64,
    /// Where the next one begins, in bytes.
    pub(super) offset: u64,
    /// The checksum of the last one.
    pub(super) checksum: u32,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A record, as JSON.
    Record(Vec<u8>),
    /// Nothing more.
    End,
    /// Something that is no record.
    Damage {
        /// How many bytes there are from it to the end.
        bytes: u64,
        /// Whether it is the beginning of a record that was cut off.
        is_cut_off: bool,
    },
}

impl<R: BufRead> Records<R> {
    /// Reads a file from its beginning.
    pub(super) fn new(source: R) -> Records<R> {
        Records { source, read: 0, offset: 0, checksum: 0 }
    }

    /// Returns what comes next. After damage nothing does.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        let line = self.line()?;
        if line.is_empty() {
            return Ok(Next::End);
        }
        let Some(record) = whole(&line, self.checksum) else { return self.damage(line) };
        let record = record.to_vec();
        self.checksum = stated(&line).expect("the checksum of a whole record was compared");
        self.offset += line.len() as u64;
        self.read += 1;
        Ok(Next::Record(record))
    }

    /// Looks at the rest of the file.
    fn damage(&mut self, mut line: Vec<u8>) -> io::Result<Next> {
        let (mut bytes, mut is_cut_off) = (0, true);
        while !line.is_empty() {
            bytes += line.len() as u64;
            is_cut_off &= !line.ends_with(b"\n");
            line = self.line()?;
        }
        Ok(Next::Damage { bytes, is_cut_off })
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        (&mut self.source).take(LONGEST).read_until(b'\n', &mut line)?;
        Ok(line)
    }
}

/// Writes records behind those that are there.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) file: File,
    pub(super) checksum: u32,
}

impl Writer {
    /// Writes records, all of them by one call of the system.
    pub(super) fn append<T: Serialize>(&mut self, records: impl IntoIterator<Item = T>) -> io::Result<()> {
        let mut lines = Vec::new();
        for record in records {
            let json = serde_json::to_vec(&record).map_err(io::Error::other)?;
            self.checksum = checksum(self.checksum, &json);
            lines.extend_from_slice(format!("{:08x} ", self.checksum).as_bytes());
            lines.extend_from_slice(&json);
            lines.push(b'\n');
        }
        self.file.write_all(&lines)
    }
}

/// Returns the JSON of a line, if the line is a record that follows this checksum.
fn whole(line: &[u8], before: u32) -> Option<&[u8]> {
    let json = line.strip_suffix(b"\n")?.get(9..)?;
    let is_right = line[8] == b' ' && stated(line) == Some(checksum(before, json));
    is_right.then_some(json)
}

/// Returns the checksum a line says it has.
fn stated(line: &[u8]) -> Option<u32> {
    let digits = line.get(..8).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn checksum(before: u32, json: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&before.to_le_bytes());
    hasher.update(json);
    hasher.finalize()
}

/// The longest record that is read, far above what an answer may have; a file without line breaks is no reason to read
/// all of it.
const LONGEST: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Returns a file with these records.
    fn written(records: &[&str]) -> Vec<u8> {
        let mut file = tempfile::tempfile().unwrap();
        let mut writer = Writer { file: file.try_clone().unwrap(), checksum: 0 };
        writer.append(records).unwrap();
        let mut bytes = Vec::new();
        io::Seek::rewind(&mut file).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// Reads everything: the records, and what ended them.
    fn read(bytes: &[u8]) -> (Vec<String>, Next) {
        let mut records = Records::new(Cursor::new(bytes));
        let mut found = Vec::new();
        loop {
            match records.next().unwrap() {
                Next::Record(json) => found.push(serde_json::from_slice(&json).unwrap()),
                end => return (found, end),
            }
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = written(&["a", "b\nc", ""]);
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 3, "a record is a line");
        assert_eq!(read(&bytes), (vec!["a".to_owned(), "b\nc".to_owned(), String::new()], Next::End));
        assert_eq!(read(b""), (Vec::new(), Next::End));
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_loses_what_was_cut_and_nothing_else() {
        let bytes = written(&["one", "two", "three"]);
        let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').map(|at| at + 1).collect();
        for length in 0..bytes.len() {
            let whole = ends.iter().filter(|end| **end <= length).count();
            let (found, end) = read(&bytes[..length]);
            assert_eq!(found.len(), whole, "{length}");
            let rest = (length - whole.checked_sub(1).map_or(0, |last| ends[last])) as u64;
            let expected = if rest == 0 { Next::End } else { Next::Damage { bytes: rest, is_cut_off: true } };
            assert_eq!(end, expected, "{length}");
        }
    }

    #[test]
    fn any_byte_that_changed_is_seen_and_damage_is_no_crash() {
        let bytes = written(&["one", "two", "three"]);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x04;
            let (found, end) = read(&changed);
            assert!(found.len() < 3, "{at}");
            let Next::Damage { is_cut_off, .. } = end else { panic!("{at}: {end:?}") };
            assert_eq!(is_cut_off, at + 1 == bytes.len(), "{at}: only without the last line break it looks cut off");
        }
        // So is a record that went, and two that changed places.
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        for order in [[0, 2, 2], [1, 0, 2], [0, 2, 1]] {
            let moved: Vec<u8> = order.into_iter().flat_map(|at| lines[at].to_vec()).collect();
            assert!(matches!(read(&moved).1, Next::Damage { is_cut_off: false, .. }), "{order:?}");
        }
    }

    #[test]
    fn zeroes_at_the_end_are_what_a_power_cut_leaves() {
        let mut bytes = written(&["one"]);
        bytes.extend_from_slice(&[0; 4096]);
        assert_eq!(read(&bytes), (vec!["one".to_owned()], Next::Damage { bytes: 4096, is_cut_off: true }));
    }
}
