//! The journal: what a run has created, on disk before it is used, so that clean-up works after any end.
//!
//! One JSON object a line. A `POST` is announced before it is sent, because a server may store the object and still
//! fail to say so; the id follows when the answer names it. Clean-up takes only what stands here.

use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// Whose run it is; the first line.
    Run { run: String, target: String },
    /// A `POST` to a collection is about to be sent.
    Intends { owner: String, collection: String, name: String },
    /// The outcome of such a `POST` is known: refused, or followed by a `created` line.
    Settled { owner: String, collection: String, name: String },
    /// An object exists at this path below the base URL.
    Created { owner: String, path: String },
    /// It is gone again.
    Removed { path: String },
}

/// An object whose `POST` was announced and whose fate is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// The trial that sent it.
    pub(crate) owner: String,
    /// `/Users` or `/Groups`.
    pub(crate) collection: String,
    /// Its `userName` or `displayName`.
    pub(crate) name: String,
}

/// The open entries of one run, mirrored on disk.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    intents: Vec<Intent>,
    created: Vec<(String, String)>,
    /// What is gone again; it was ours, and its id still is.
    removed: Vec<(String, String)>,
}

impl Journal {
    /// Opens a fresh journal for `run` in `folder`, which is made if need be.
    ///
    /// # Errors
    /// If the folder or the file cannot be written, or a run with the same seed has left its journal there.
    pub fn create(folder: &Path, run: &str, target: &str) -> io::Result<Journal> {
        fs::create_dir_all(folder)?;
        let path = folder.join(file_name(run));
        let file =
            OpenOptions::new().create_new(true).append(true).open(&path).map_err(|cause| match cause.kind() {
                io::ErrorKind::AlreadyExists => {
                    let help = format!(
                        "{} is there: run `rehearsal cleanup {run}` first, or take another --seed",
                        path.display()
                    );
                    io::Error::new(cause.kind(), help)
                }
                _ => cause,
            })?;
        let journal = Journal {
            path,
            state: Mutex::new(State { file, intents: Vec::new(), created: Vec::new(), removed: Vec::new() }),
        };
        journal.lock().write(&Line::Run { run: run.to_owned(), target: target.to_owned() })?;
        Ok(journal)
    }

    /// Reads the journal that an earlier run left in `folder`; returns it with the target it was written for.
    ///
    /// A last line cut short by a crash is passed over.
    ///
    /// # Errors
    /// If there is no such journal, or it is damaged before its end.
    pub fn reopen(folder: &Path, run: &str) -> io::Result<(Journal, String)> {
        let path = folder.join(file_name(run));
        let lines = read_lines(&path)?;
        let Some(Line::Run { target, .. }) = lines.first().cloned() else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the journal does not begin with its run"));
        };
        let file = OpenOptions::new().append(true).open(&path)?;
        let mut state = State { file, intents: Vec::new(), created: Vec::new(), removed: Vec::new() };
        lines.into_iter().for_each(|line| state.apply(line));
        Ok((Journal { path, state: Mutex::new(state) }, target))
    }

    /// Announces a `POST` that may create `name` in `collection`.
    pub(crate) fn intends(&self, owner: &str, collection: &str, name: &str) -> io::Result<()> {
        self.lock().record(Line::Intends {
            owner: owner.to_owned(),
            collection: collection.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Says that the announced `POST` is accounted for.
    pub(crate) fn settled(&self, intent: &Intent) -> io::Result<()> {
        let Intent { owner, collection, name } = intent.clone();
        self.lock().record(Line::Settled { owner, collection, name })
    }

    /// Says that an object of ours is at `path`.
    pub(crate) fn created(&self, owner: &str, path: &str) -> io::Result<()> {
        let mut state = self.lock();
        if state.created.iter().any(|(_, known)| known == path) {
            return Ok(());
        }
        state.record(Line::Created { owner: owner.to_owned(), path: path.to_owned() })
    }

    /// Says that the object at `path` is gone.
    pub(crate) fn removed(&self, path: &str) -> io::Result<()> {
        self.lock().record(Line::Removed { path: path.to_owned() })
    }

    /// Returns what `owner` announced and never settled.
    pub(crate) fn open_intents(&self, owner: &str) -> Vec<Intent> {
        self.lock().intents.iter().filter(|intent| intent.owner == owner).cloned().collect()
    }

    /// Returns the paths of what `owner` created and nobody removed, youngest first.
    pub(crate) fn open_objects(&self, owner: &str) -> Vec<String> {
        self.lock().created.iter().rev().filter(|(by, _)| by == owner).map(|(_, path)| path.clone()).collect()
    }

    /// Returns whether `owner` created the object at `path`, be it there still or gone again.
    pub(crate) fn owns_for(&self, owner: &str, path: &str) -> bool {
        let state = self.lock();
        state.created.iter().chain(&state.removed).any(|(by, known)| by == owner && known == path)
    }

    /// Returns whether somebody else than `owner` created the object at `path`.
    pub(crate) fn belongs_to_another(&self, owner: &str, path: &str) -> bool {
        let state = self.lock();
        state.created.iter().chain(&state.removed).any(|(by, known)| by != owner && known == path)
    }

    /// Returns everyone who still has something open.
    pub(crate) fn owners(&self) -> Vec<String> {
        let state = self.lock();
        let mut owners: Vec<String> = state.intents.iter().map(|intent| intent.owner.clone()).collect();
        owners.extend(state.created.iter().map(|(owner, _)| owner.clone()));
        owners.sort();
        owners.dedup();
        owners
    }

    /// Removes the file if nothing is open any more; otherwise leaves it for `rehearsal cleanup`.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub fn close(&self) -> io::Result<()> {
        if self.owners().is_empty() { fs::remove_file(&self.path) } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the journal panics")
    }
}

impl State {
    fn record(&mut self, line: Line) -> io::Result<()> {
        self.write(&line)?;
        self.apply(line);
        Ok(())
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_string(line).expect("a journal line is plain data");
        text.push('\n');
        self.file.write_all(text.as_bytes())
    }

    fn apply(&mut self, line: Line) {
        match line {
            Line::Run { .. } => {}
            Line::Intends { owner, collection, name } => self.intents.push(Intent { owner, collection, name }),
            Line::Settled { owner, collection, name } => {
                let settled = Intent { owner, collection, name };
                if let Some(at) = self.intents.iter().position(|intent| *intent == settled) {
                    self.intents.remove(at);
                }
            }
            Line::Created { owner, path } => self.created.push((owner, path)),
            Line::Removed { path } => {
                let gone = self.created.extract_if(.., |(_, known)| *known == path);
                self.removed.extend(gone);
            }
        }
    }
}

fn file_name(run: &str) -> String {
    format!("journal-{run}.ndjson")
}

/// Reads the lines of a journal; what a crash cut short at its end is taken off the file.
fn read_lines(path: &Path) -> io::Result<Vec<Line>> {
    let bytes = fs::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    if whole < bytes.len() {
        OpenOptions::new().write(true).open(path)?.set_len(whole as u64)?;
    }
    let read = |(index, text): (usize, &[u8])| {
        serde_json::from_slice(text).map_err(|cause| {
            let place = format!("{}:{}: {cause}", path.display(), index + 1);
            io::Error::new(io::ErrorKind::InvalidData, place)
        })
    };
    bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(folder: &Path) -> Journal {
        Journal::create(folder, "rhtest", "http://localhost/scim").expect("a temporary folder can be written")
    }

    #[test]
    fn what_was_open_at_a_crash_is_open_after_reading_it_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let journal = journal(folder.path());
        journal.intends("a", "/Users", "x@example.test").unwrap();
        journal.created("b", "/Users/1").unwrap();
        journal.created("b", "/Users/2").unwrap();
        journal.removed("/Users/1").unwrap();
        drop(journal);
        let path = folder.path().join("journal-rhtest.ndjson");
        OpenOptions::new().append(true).open(path).unwrap().write_all(b"{\"what\":\"crea").unwrap();

        let (journal, target) = Journal::reopen(folder.path(), "rhtest").unwrap();
        assert_eq!(target, "http://localhost/scim");
        assert_eq!(journal.open_intents("a").len(), 1);
        assert_eq!(journal.open_objects("b"), ["/Users/2"]);
        assert_eq!(journal.owners(), ["a", "b"]);
    }

    #[test]
    fn the_file_goes_when_nothing_is_open() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let journal = journal(folder.path());
        journal.intends("a", "/Users", "x").unwrap();
        journal.close().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "an open intent keeps it");
        journal.settled(&journal.open_intents("a")[0].clone()).unwrap();
        journal.close().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
