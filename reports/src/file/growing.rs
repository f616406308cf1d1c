//! A report file that is written piece by piece, so that no run is too long for the memory.

use super::{create_folder_of, neighbour_of};
use crate::ReportError;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A report file that grows while the run goes on.
#[derive(Debug)]
pub(crate) struct Growing {
    path: PathBuf,
    out: BufWriter<File>,
    /// The neighbour that takes a file's name when it is whole, and that name.
    aside: Option<(PathBuf, PathBuf)>,
}

impl Growing {
    /// Begins a file that can be read under its name when it is whole; until then the name means what it meant before.
    pub(crate) fn aside(path: &Path) -> Result<Growing, ReportError> {
        Growing::begin(path, true).map_err(|source| ReportError::File { path: path.to_owned(), source })
    }

    /// Begins a file that can be read while it grows.
    pub(crate) fn live(path: &Path) -> Result<Growing, ReportError> {
        Growing::begin(path, false).map_err(|source| ReportError::File { path: path.to_owned(), source })
    }

    fn begin(path: &Path, hides: bool) -> io::Result<Growing> {
        let name = match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
            // A device or a pipe is what it is; nothing can take its place.
            Ok(found) if !found.is_file() => {
                let out = BufWriter::new(File::options().write(true).open(path)?);
                return Ok(Growing { path: path.to_owned(), out, aside: None });
            }
            Ok(_) => fs::canonicalize(path)?,
            Err(_) => {
                create_folder_of(path)?;
                path.to_owned()
            }
        };
        let neighbour = if hides { Some(neighbour_of(&name)?) } else { None };
        let file = File::create(neighbour.as_ref().unwrap_or(&name))?;
        let aside = neighbour.map(|neighbour| (neighbour, name));
        Ok(Growing { path: path.to_owned(), out: BufWriter::new(file), aside })
    }

    /// Adds a piece.
    pub(crate) fn write(&mut self, piece: &[u8]) -> Result<(), ReportError> {
        self.out.write_all(piece).map_err(|source| self.failed(source))
    }

    /// Adds a piece that is to be seen at once.
    pub(crate) fn write_now(&mut self, piece: &[u8]) -> Result<(), ReportError> {
        self.write(piece)?;
        self.out.flush().map_err(|source| self.failed(source))
    }

    /// Ends the file.
    pub(crate) fn finish(mut self) -> Result<(), ReportError> {
        self.out.flush().map_err(|source| self.failed(source))?;
        let Some((neighbour, name)) = &self.aside else { return Ok(()) };
        let ended = self.out.get_ref().sync_all().and_then(|()| fs::rename(neighbour, name));
        ended.map_err(|source| self.failed(source))?;
        self.aside = None;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> ReportError {
        ReportError::File { path: self.path.clone(), source }
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        if let Some((neighbour, _)) = &self.aside {
            // What ends here is half a file, and the reason was told where it was met.
            let _ = fs::remove_file(neighbour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder can be read");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_set_aside_gets_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out/run.har");
        let mut file = Growing::aside(&path).expect("the file can be begun");
        file.write(b"one ").expect("a piece");
        assert!(!path.exists(), "half a file cannot be read");
        file.write(b"two").expect("a piece");
        file.finish().expect("the file can be ended");
        assert_eq!(fs::read(&path).expect("the file is there"), b"one two");
        assert_eq!(names_in(&folder.path().join("out")), ["run.har"]);
    }

    #[test]
    fn a_file_that_was_never_ended_leaves_the_old_one_and_no_neighbour() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.har");
        fs::write(&path, b"old").expect("a file");
        let mut file = Growing::aside(&path).expect("the file can be begun");
        file.write(b"half").expect("a piece");
        drop(file);
        assert_eq!(fs::read(&path).expect("the file is there"), b"old");
        assert_eq!(names_in(folder.path()), ["run.har"]);
    }

    #[test]
    fn a_live_file_can_be_read_while_it_grows() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.ndjson");
        fs::write(&path, b"of another run").expect("a file");
        let mut file = Growing::live(&path).expect("the file can be begun");
        file.write_now(b"{}\n").expect("a piece");
        assert_eq!(fs::read(&path).expect("the file is there"), b"{}\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let mut file = Growing::live(Path::new("/dev/full")).expect("the device can be opened");
        let error = file.write_now(b"x").expect_err("nothing fits").to_string();
        assert!(error.contains("/dev/full"), "{error}");
    }
}
