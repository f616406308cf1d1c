//! An org in a folder, so that it survives a stop, a crash and a `kill -9` at any moment.
//!
//! The org is a function of its inputs ([`crate::world`]), so what is kept is the inputs, in the order they came; a start
//! has them take effect again. Nothing is sent then, because answers are inputs. A job that was under way begins again with
//! its first request, as after an answer that was lost: Okta looks before it creates.
//!
//! | what | survives | why |
//! |---|---|---|
//! | a call that was answered | the end of the process, however it comes | its record is with the system before the answer leaves |
//! | | a power cut, but for the last second | the file is flushed to the disk every [`FLUSHED_EVERY`], and at the end |
//! | a record that was cut off | no: it is dropped, and that is told | the call was not answered |
//! | passwords, tokens | no | they are not written; apps at a service provider of the seed or of the caller get those |
//! | the journal's bodies, faults | no | they are of the process; the System Log keeps method, URL, status and time |
//!
//! There is nothing to compact: every input is in the System Log, which goes back to the beginning. A folder is used by one
//! process at a time, which holds a lock that the system takes from it when it ends.

mod records;
mod stored;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use scim_transport::{Credentials, Secret, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::seed::{Provider, Seed, SeedError};
use crate::shared::Shared;
use crate::world::{Dated, FORMAT, SnapshotError, WITHHELD, World};

pub use stored::{StoredAnswer, StoredOrg};

use records::{Next, Records, Writer};

/// A folder in which an org is kept.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    writer: Writer,
    /// Whether something was written that may not be on the disk.
    is_unflushed: bool,
    /// Held until the end.
    lock: File,
}

/// Why an org cannot be kept in a folder, or not be had from it.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file or folder cannot be used.
    #[error("{path} cannot be used")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server is at it.
    #[error("{folder} is in use by another server; stop that one, or take another folder")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no org in it.
    #[error("{file} is not there, so no org was kept in this folder")]
    Absent {
        /// The file.
        file: PathBuf,
    },
    /// The file is none of ours, or too young or old.
    #[error("{file} is no org that this program keeps ({found}); take another folder")]
    Foreign {
        /// The file.
        file: PathBuf,
        /// What it says it is.
        found: String,
    },
    /// The file is damaged, and not by having been cut off.
    #[error(
        "{file}:{line}: the record that begins at byte {offset} is damaged; to go on with what came before it, keep a \
         copy and cut the file off there: cp {file} {file}.damaged && truncate -s {offset} {file}"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Where the line begins.
        offset: u64,
    },
    /// A record is whole and cannot take effect.
    #[error("{file}:{line}: {why}; another version of this program may have written it")]
    Record {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Why.
        why: String,
    },
    /// The org began with another seed.
    #[error("the org in {folder} began with another seed; leave the seed out to go on with it, or take another folder")]
    OtherSeed {
        /// The folder.
        folder: PathBuf,
    },
    /// The seed the org began with cannot be built.
    #[error(transparent)]
    Seed(#[from] SeedError),
}

/// An org that goes on, or begins, in a folder.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) folder: Folder,
    pub(crate) world: World,
    /// The service provider of apps for which the seed names none.
    pub(crate) provider: Option<Provider>,
    /// What whoever starts the org should know.
    pub(crate) notes: Vec<String>,
}

/// The first record.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    rehearsal: String,
    format: u32,
    /// When the org began, in seconds since the Unix epoch.
    began: i64,
    /// The seed file, as it was given.
    seed: String,
    /// The base URL of the service provider of apps for which the seed names none.
    provider: Option<String>,
}

impl Folder {
    /// Opens a folder, which is made if need be, for the org that is kept there, or for one that begins.
    pub(crate) fn open(path: &Path, config: &Config) -> Result<Opened, StateError> {
        create_folder(path).map_err(unusable(path))?;
        let lock = lock(path)?;
        let file_path = path.join(FILE);
        let unusable = unusable(&file_path);
        let file = private().read(true).append(true).create(true).open(&file_path).map_err(&unusable)?;
        expect_file(&file, &file_path)?;
        let mut records = Records::new(BufReader::new(&file));
        let head = read_head(&mut records, &file_path)?;
        let is_fresh = head.is_none();
        let began = match head {
            Some(head) => go_on(path, head, config, &mut records)?,
            // Nothing was ever answered by an org whose first record is not whole.
            None => begin(path, config, file.metadata().map_err(&unusable)?.len())?,
        };
        let (offset, checksum) = (records.offset, records.checksum);
        if began.dropped > 0 {
            file.set_len(offset).map_err(&unusable)?;
        }
        let writer = Writer { file, checksum };
        let mut folder = Folder { path: path.to_owned(), writer, is_unflushed: true, lock };
        let Began { mut world, provider, mut notes, .. } = began;
        if is_fresh {
            folder.writer.append([head_of(&config.seed, world.clock.began, provider.as_ref())]).map_err(&unusable)?;
        }
        folder.flush().map_err(&unusable)?;
        world.hand_on();
        if !config.seed.has_clock() {
            let real = Timestamp::now().as_second().saturating_sub(world.clock.began);
            world.catch_up(u64::try_from(real).unwrap_or_default());
        }
        notes.extend(lost_secrets(&world));
        Ok(Opened { folder, world, provider, notes })
    }

    /// Writes inputs down. They are with the system when it returns.
    pub(crate) fn append(&mut self, inputs: &[Dated]) -> io::Result<()> {
        self.is_unflushed = true;
        self.writer.append(inputs)
    }

    /// Begins again with another world, of which everything is written before what was there goes.
    pub(crate) fn begin_again(
        &mut self,
        seed: &Seed,
        provider: Option<&Provider>,
        began: i64,
        inputs: &[Dated],
    ) -> io::Result<()> {
        let fresh = self.path.join(FRESH);
        let file = private().write(true).create(true).truncate(true).open(&fresh)?;
        let mut writer = Writer { file, checksum: 0 };
        writer.append([head_of(seed, began, provider)])?;
        inputs.chunks(1000).try_for_each(|some| writer.append(some))?;
        writer.file.sync_data()?;
        fs::rename(&fresh, self.path.join(FILE))?;
        self.writer = writer;
        self.writer.file.seek(SeekFrom::End(0))?;
        sync_folder(&self.path)
    }

    /// Returns the file, if something has to be flushed to the disk.
    pub(crate) fn unflushed(&mut self) -> io::Result<Option<File>> {
        std::mem::take(&mut self.is_unflushed).then(|| self.writer.file.try_clone()).transpose()
    }

    /// Flushes everything to the disk.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.is_unflushed = false;
        self.writer.file.sync_data()?;
        sync_folder(&self.path)
    }
}

/// Flushes what was written to the disk, beside everything else, and returns when that fails. Without a folder it has
/// nothing to do.
pub(crate) async fn flush_now_and_then(shared: &Shared) -> io::Error {
    loop {
        tokio::time::sleep(FLUSHED_EVERY).await;
        let flushed = match shared.unflushed() {
            Ok(None) => continue,
            Ok(Some(file)) => tokio::task::spawn_blocking(move || file.sync_data()).await,
            Err(error) => Ok(Err(error)),
        };
        if let Err(error) = flushed.unwrap_or_else(|lost| Err(io::Error::other(lost))) {
            shared.not_flushed(&error);
            return error;
        }
    }
}

/// Returns the seed of the org that is kept in a folder; nothing where there is none.
pub fn stored_seed(folder: &Path) -> Result<Option<Seed>, StateError> {
    let path = folder.join(FILE);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(unusable(&path))?,
    };
    expect_file(&file, &path)?;
    let head = read_head(&mut Records::new(BufReader::new(file)), &path)?;
    Ok(head.map(|head| Seed::parse(&head.seed)).transpose()?)
}

/// Reads the first record; nothing where there is no whole one.
fn read_head<R: io::BufRead>(records: &mut Records<R>, file: &Path) -> Result<Option<Head>, StateError> {
    let foreign = |found: &str| StateError::Foreign { file: file.to_owned(), found: found.to_owned() };
    let json = match records.next().map_err(unusable(file))? {
        Next::Record(json) => json,
        Next::End => return Ok(None),
        // What was cut off while it was first written is short and begins like one of ours, or is zeroes.
        Next::Damage { is_cut_off: true, bytes } if bytes <= LONGEST_HEAD => return Ok(None),
        Next::Damage { .. } => return Err(foreign("its first line is no record")),
    };
    let value: Value = serde_json::from_slice(&json).unwrap_or_default();
    if value["rehearsal"] != KIND {
        return Err(foreign("it does not say what it is"));
    }
    if value["format"] != FORMAT {
        return Err(foreign(&format!("format {}, where {FORMAT} is known", value["format"])));
    }
    serde_json::from_value(value).map(Some).map_err(|error| foreign(&error.to_string()))
}

/// A program that is being started has our files open for a moment, and with them the lock, unless it is given back.
impl Drop for Folder {
    fn drop(&mut self) {
        // The system takes it back in the end.
        let _ = self.lock.unlock();
    }
}

/// An org before it is served.
struct Began {
    world: World,
    provider: Option<Provider>,
    notes: Vec<String>,
    /// How many bytes of a record that was cut off are to be dropped.
    dropped: u64,
}

/// Begins an org.
fn begin(path: &Path, config: &Config, dropped: u64) -> Result<Began, StateError> {
    let world = config.seed.build(config.provider.as_ref())?;
    let mut notes = vec![format!("the org is kept in {}", path.display())];
    if dropped > 0 {
        notes.insert(0, told_dropped(&path.join(FILE), dropped));
    }
    Ok(Began { world, provider: config.provider.clone(), notes, dropped })
}

/// Brings an org back that began earlier.
///
/// Whether apps of the seed are connected belongs to what the org began with: one that began without a service provider
/// goes on without. Where the provider is at the moment, and how to get in, is said by whoever starts it.
fn go_on<R: io::BufRead>(
    path: &Path,
    head: Head,
    config: &Config,
    records: &mut Records<R>,
) -> Result<Began, StateError> {
    let started = Instant::now();
    if Seed::parse(&head.seed)?.fingerprint() != config.seed.fingerprint() {
        return Err(StateError::OtherSeed { folder: path.to_owned() });
    }
    let mut notes = Vec::new();
    let provider = match (withheld(&head), config.provider.clone()) {
        (Some(_), Some(given)) => Some(given),
        (began_with, None) => began_with,
        (None, Some(given)) => {
            let base = given.target.base();
            notes.push(format!("{base} is not used: the org began without a service provider; save connections there"));
            None
        }
    };
    let mut world = config.seed.build(provider.as_ref())?;
    let (inputs, dropped) = repeat(records, &path.join(FILE), head.began, &mut world)?;
    world.take_secrets(&config.seed.build(provider.as_ref())?, config.provider.as_ref());
    let time = started.elapsed().as_secs_f64();
    notes.insert(0, format!("the org in {} goes on after {inputs} inputs, read in {time:.1} s", path.display()));
    if dropped > 0 {
        notes.insert(0, told_dropped(&path.join(FILE), dropped));
    }
    Ok(Began { world, provider, notes, dropped })
}

/// Says of which apps and hooks the secrets have to be given again.
fn lost_secrets(world: &World) -> Vec<String> {
    let apps = world.apps.iter().filter_map(|(id, card)| {
        let service = card.service.as_ref().filter(|service| service.is_withheld())?;
        let base = service.target.base();
        Some(format!("app {id} has no token for {base}, for none is kept: save its connection again"))
    });
    let hooks = world.hooks.cards.iter().filter_map(|(id, card)| {
        let channel = &card.hook.subscription.channel;
        let mut secrets =
            channel.headers.iter().map(|(_, value)| value).chain(channel.auth.iter().map(|auth| &auth.value));
        let is_lost = secrets.any(|secret| secret.0 == WITHHELD);
        is_lost.then(|| format!("event hook {id} has lost its secrets, for none is kept: save it again"))
    });
    apps.chain(hooks).collect()
}

fn told_dropped(file: &Path, bytes: u64) -> String {
    let file = file.display();
    format!("{file}: the last {bytes} bytes were no whole record and are dropped; nobody was answered about it")
}

/// Returns the service provider an org began with, to which the way in is not known.
fn withheld(head: &Head) -> Option<Provider> {
    let target = Target::parse(head.provider.as_deref()?).ok()?;
    Some(Provider { target, credentials: Credentials::Bearer(Secret::new(WITHHELD)) })
}

/// Has every input take effect again; returns how many there were, and how many bytes of another one.
fn repeat<R: io::BufRead>(
    records: &mut Records<R>,
    file: &Path,
    began: i64,
    world: &mut World,
) -> Result<(u64, u64), StateError> {
    world.rewind(began);
    let mut inputs = 0;
    let dropped = loop {
        let (line, offset) = (records.read + 1, records.offset);
        match records.next().map_err(unusable(file))? {
            Next::End => break 0,
            Next::Damage { is_cut_off: true, bytes } => break bytes,
            Next::Damage { .. } => return Err(StateError::Damaged { file: file.to_owned(), line, offset }),
            Next::Record(json) => {
                let wrong = |why: String| StateError::Record { file: file.to_owned(), line, why };
                let input: Dated = serde_json::from_slice(&json).map_err(|error| wrong(error.to_string()))?;
                world.repeat(input).map_err(|error: SnapshotError| wrong(error.to_string()))?;
                inputs += 1;
            }
        }
    };
    world.go_on();
    Ok((inputs, dropped))
}

fn head_of(seed: &Seed, began: i64, provider: Option<&Provider>) -> Head {
    let provider = provider.map(|provider| provider.target.base().to_owned());
    Head { rehearsal: KIND.to_owned(), format: FORMAT, began, seed: seed.text().to_owned(), provider }
}

/// Takes the lock of a folder. The system gives it back when the process ends, however it does.
fn lock(folder: &Path) -> Result<File, StateError> {
    let path = folder.join(LOCK);
    let file = private().write(true).create(true).truncate(false).open(&path).map_err(unusable(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StateError::InUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(StateError::Unusable { path, source }),
    }
}

/// Refuses devices and pipes, which need not end.
fn expect_file(file: &File, path: &Path) -> Result<(), StateError> {
    let is_file = file.metadata().map_err(unusable(path))?.is_file();
    if is_file { Ok(()) } else { Err(unusable(path)(io::Error::other("it is no regular file"))) }
}

/// What is kept tells of people, so nobody else gets to read it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Flushes the names of the files: a file whose name is not on the disk is not found after a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn unusable(path: &Path) -> impl Fn(io::Error) -> StateError + use<> {
    let path = path.to_owned();
    move |source| StateError::Unusable { path: path.clone(), source }
}

/// How often the file is flushed to the disk, where something was written.
pub(crate) const FLUSHED_EVERY: Duration = Duration::from_secs(1);

const FILE: &str = "org.log";
const FRESH: &str = "org.log.new";
const LOCK: &str = "lock";
const KIND: &str = "okta-org";

/// A seed may be long, and its file system may have reserved more.
const LONGEST_HEAD: u64 = 4 << 20;
