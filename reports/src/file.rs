//! Writes a report file whole or not at all.

mod growing;

pub(crate) use growing::Growing;

use crate::ReportError;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path`, creating the folders above it.
///
/// The bytes go to a neighbour first, which then takes the file's name: whoever reads the path sees the old report or
/// the whole of the other one. Something that is no regular file, such as `/dev/stdout` or a pipe, is written directly.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    write_whole(path, bytes).map_err(|source| ReportError::File { path: path.to_owned(), source })
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(found) if !found.is_file() => File::options().write(true).open(path)?.write_all(bytes),
        // A link keeps pointing where it points; what it points to is replaced.
        Ok(_) => replace(&fs::canonicalize(path)?, bytes),
        Err(_) => {
            create_folder_of(path)?;
            replace(path, bytes)
        }
    }
}

fn create_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        // The system's own text would not say that it is about the folder.
        Some(folder) if folder != Path::new("") => fs::create_dir_all(folder)
            .map_err(|error| io::Error::new(error.kind(), format!("create its folder: {error}"))),
        _ => Ok(()),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let neighbour = neighbour_of(path)?;
    let written = fill(&neighbour, bytes).and_then(|()| fs::rename(&neighbour, path));
    if written.is_err() {
        // The first error is the one to tell; a leftover that resists removal would only hide it.
        let _ = fs::remove_file(&neighbour);
    }
    written
}

fn fill(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Names a file beside `path`, on the same file system so that a rename suffices, of which no other process thinks.
fn neighbour_of(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut neighbour = std::ffi::OsString::from(".");
    neighbour.push(name);
    neighbour.push(format!(".{}.tmp", std::process::id()));
    Ok(path.with_file_name(neighbour))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder can be read");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn folders_above_the_file_are_created_and_no_neighbour_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out/ci/report.json");
        write(&path, b"one").expect("the file is written");
        write(&path, b"two").expect("the file is replaced");
        assert_eq!(fs::read(&path).expect("the file is there"), b"two");
        assert_eq!(names_in(&folder.path().join("out/ci")), ["report.json"]);
    }

    #[test]
    fn an_error_names_the_path_and_the_cause() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("taken"), b"").expect("a file in the way");
        let path = folder.path().join("taken/report.json");
        let error = write(&path, b"").expect_err("a file cannot hold a file").to_string();
        assert!(error.contains("taken/report.json") && error.contains("create its folder: "), "{error}");
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = write(folder.path(), b"").expect_err("a folder is no file");
        assert!(error.to_string().ends_with("it is a folder"), "{error}");
        assert_eq!(names_in(folder.path()), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_stays_a_device() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
        fs::write(&real, b"old").expect("a file");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        write(&link, b"more").expect("written through the link");
        assert_eq!(fs::read(&real).expect("the file is there"), b"more");
        assert!(fs::symlink_metadata(&link).expect("the link is there").is_symlink());
        write(Path::new("/dev/null"), b"gone").expect("a device is written directly");
    }
}
