//! The journal: what a run has created, on disk before it is used, so that clean-up works after any end.
//!
//! One JSON object a line. A `POST` is announced before it is sent, because a server may store the object and still
//! fail to say so; the id follows when the answer names it. Clean-up takes only what stands here.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};

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
    /// Why the run may write nothing.
    closed: OnceLock<String>,
    /// Whether something was held back for that.
    has_withheld: AtomicBool,
    /// How far into lists the run may read; nothing for to the end.
    most_read: OnceLock<u64>,
}

#[derive(Debug)]
struct State {
    file: File,
    intents: Vec<Intent>,
    /// What is there, in the order of its creation: the path, and who created it.
    created: BTreeMap<u64, (String, String)>,
    /// Where in `created` a path is; fuzzing has thousands, and asks about one with every request.
    places: HashMap<String, u64>,
    /// How many objects were created so far.
    so_far: u64,
    /// What is gone again, with who had created it; it was ours, and its id still is.
    removed: HashMap<String, String>,
    /// The paths of `removed`, the oldest first.
    oldest: VecDeque<String>,
}

impl Journal {
    /// Opens a fresh journal for `run` in `folder`, which is made if need be.
    ///
    /// # Errors
    /// If the folder or the file cannot be written, or a run with the same seed has left its journal there.
    pub fn create(folder: &Path, run: &str, target: &str) -> io::Result<Journal> {
        Journal::create_for(folder, run, None, target)
    }

    /// Opens a fresh journal as [`Journal::create`] does, for one part of a run whose parts share their seed and may run
    /// at the same time.
    pub(crate) fn create_for(folder: &Path, run: &str, part: Option<usize>, target: &str) -> io::Result<Journal> {
        fs::create_dir_all(folder)?;
        let path = folder.join(file_name(run, part));
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
        // Held as long as the program lives, so that no clean-up takes away what a run works with.
        file.lock()?;
        let journal = Journal::with(path, State::new(file));
        journal.lock().write(&Line::Run { run: run.to_owned(), target: target.to_owned() })?;
        Ok(journal)
    }

    /// Returns the files of the journals that a run left in `folder`, one for each of its parts.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(crate) fn left_by(folder: &Path, run: &str) -> io::Result<Vec<PathBuf>> {
        let whole = file_name(run, None);
        let stem = format!("{PREFIX}{run}.");
        let is_its = |name: &str| {
            let number = name.strip_prefix(&stem).and_then(|rest| rest.strip_suffix(SUFFIX));
            name == whole || number.is_some_and(|number| number.parse::<usize>().is_ok())
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(is_its) {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }

    /// Reads a journal that an earlier run left; returns it with the target it was written for.
    ///
    /// A last line cut short by a crash is passed over.
    ///
    /// # Errors
    /// If there is no such journal, its run is still under way, or it is damaged before its end.
    pub(crate) fn reopen(path: &Path) -> io::Result<(Journal, String)> {
        let path = path.to_owned();
        let file = OpenOptions::new().append(true).open(&path)?;
        file.try_lock().map_err(|refused| match refused {
            TryLockError::Error(cause) => cause,
            TryLockError::WouldBlock => {
                let help = "the run is still under way; wait until it has ended, or end it by Ctrl-C";
                io::Error::new(io::ErrorKind::ResourceBusy, help)
            }
        })?;
        let lines = read_lines(&path)?;
        let Some(Line::Run { target, .. }) = lines.first().cloned() else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the journal does not begin with its run"));
        };
        let mut state = State::new(file);
        lines.into_iter().for_each(|line| state.apply(line));
        Ok((Journal::with(path, state), target))
    }

    fn with(path: PathBuf, state: State) -> Journal {
        Journal {
            path,
            state: Mutex::new(state),
            closed: OnceLock::new(),
            has_withheld: AtomicBool::new(false),
            most_read: OnceLock::new(),
        }
    }

    /// Lets the run write nothing, for this reason.
    pub(crate) fn let_nothing_be_written(&self, reason: String) {
        // Who is shut already stays so for the first reason.
        let _ = self.closed.set(reason);
    }

    /// Returns why the run may write nothing, and notes that it would have; nothing where it may.
    pub(crate) fn withhold(&self) -> Option<String> {
        let reason = self.closed.get().cloned();
        if reason.is_some() {
            self.has_withheld.store(true, Ordering::Relaxed);
        }
        reason
    }

    /// Returns whether something was not written because nothing may be.
    pub(crate) fn has_withheld(&self) -> bool {
        self.has_withheld.load(Ordering::Relaxed)
    }

    /// Lets the run read no further into lists than so many resources.
    pub(crate) fn read_no_further_than(&self, most: u64) {
        let _ = self.most_read.set(most);
    }

    /// Returns how far into lists the run may read, if that is not to the end.
    pub(crate) fn most_read(&self) -> Option<u64> {
        self.most_read.get().copied()
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
        if state.places.contains_key(path) {
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
        self.lock().created.values().rev().filter(|(_, by)| by == owner).map(|(path, _)| path.clone()).collect()
    }

    /// Returns whether `owner` created the object at `path`, be it there still or gone again.
    pub(crate) fn owns_for(&self, owner: &str, path: &str) -> bool {
        let state = self.lock();
        state.creators(path).any(|by| by == owner)
    }

    /// Returns whether somebody else than `owner` created the object at `path`.
    pub(crate) fn belongs_to_another(&self, owner: &str, path: &str) -> bool {
        let state = self.lock();
        state.creators(path).any(|by| by != owner)
    }

    /// Returns everyone who still has something open.
    pub(crate) fn owners(&self) -> Vec<String> {
        let state = self.lock();
        let mut owners: Vec<String> = state.intents.iter().map(|intent| intent.owner.clone()).collect();
        owners.extend(state.created.values().map(|(_, owner)| owner.clone()));
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
    fn new(file: File) -> State {
        let (created, places) = (BTreeMap::new(), HashMap::new());
        let (removed, oldest) = (HashMap::new(), VecDeque::new());
        State { file, intents: Vec::new(), created, places, so_far: 0, removed, oldest }
    }

    /// Returns who created what is, or was, at a path.
    fn creators(&self, path: &str) -> impl Iterator<Item = &str> {
        let created = self.places.get(path).and_then(|place| self.created.get(place)).map(|(_, owner)| owner);
        created.into_iter().chain(self.removed.get(path)).map(String::as_str)
    }

    /// Remembers what is gone, the latest of it: a run that goes on for days must not need more memory every hour.
    fn remember(&mut self, path: String, owner: String) {
        if self.removed.insert(path.clone(), owner).is_none() {
            self.oldest.push_back(path);
        }
        if self.oldest.len() > MOST_REMOVED
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.removed.remove(&oldest);
        }
    }

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
            Line::Created { owner, path } => {
                self.so_far += 1;
                self.places.insert(path.clone(), self.so_far);
                self.created.insert(self.so_far, (path, owner));
            }
            Line::Removed { path } => {
                if let Some((path, owner)) = self.places.remove(&path).and_then(|place| self.created.remove(&place)) {
                    self.remember(path, owner);
                }
            }
        }
    }
}

/// How many objects that are gone are known to have been ours.
const MOST_REMOVED: usize = 100_000;

const PREFIX: &str = "journal-";
const SUFFIX: &str = ".ndjson";

fn file_name(run: &str, part: Option<usize>) -> String {
    let part = part.map(|part| format!(".{part}")).unwrap_or_default();
    format!("{PREFIX}{run}{part}{SUFFIX}")
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
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"what\":\"crea").unwrap();

        let (journal, target) = Journal::reopen(&path).unwrap();
        assert_eq!(target, "http://localhost/scim");
        assert_eq!(journal.open_intents("a").len(), 1);
        assert_eq!(journal.open_objects("b"), ["/Users/2"]);
        assert_eq!(journal.owners(), ["a", "b"]);
    }

    #[test]
    fn a_run_under_way_keeps_its_journal_to_itself() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let journal = journal(folder.path());
        let path = folder.path().join("journal-rhtest.ndjson");
        let refused = Journal::reopen(&path).expect_err("the run is under way");
        assert!(refused.to_string().contains("still under way"), "{refused}");
        let again = Journal::create(folder.path(), "rhtest", "http://localhost/scim");
        assert!(again.is_err(), "one seed, one run at a time");
        drop(journal);
        Journal::reopen(&path).expect("the run is over");
    }

    #[test]
    fn the_parts_of_a_run_have_a_journal_each_and_all_are_found_by_the_run() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let part = |number| {
            let journal = Journal::create_for(folder.path(), "rhtest", Some(number), "http://localhost/scim");
            journal.unwrap_or_else(|cause| panic!("part {number}: {cause}"))
        };
        let _parts = [part(1), part(2), part(10), journal(folder.path())];
        for stranger in ["journal-rhtest.x.ndjson", "journal-rhtestx.1.ndjson", "journal-rhtestx.ndjson"] {
            fs::write(folder.path().join(stranger), "").expect("a file");
        }
        let found = Journal::left_by(folder.path(), "rhtest").expect("the folder can be read");
        let names: Vec<&str> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        let parts = ["journal-rhtest.1.ndjson", "journal-rhtest.10.ndjson", "journal-rhtest.2.ndjson"];
        assert_eq!(names, [&parts[..], &["journal-rhtest.ndjson"]].concat());
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
