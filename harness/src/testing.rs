//! The suites as tests of a Rust project: each case a test of its own under `cargo test` and `cargo nextest run`.
//!
//! ```no_run
//! // tests/okta.rs, with `harness = false` for this test target in Cargo.toml
//! use rehearsal::testing::{Target, run_suites};
//!
//! fn main() -> std::process::ExitCode {
//!     run_suites(Target::at("http://127.0.0.1:8080/scim/v2").bearer(std::env::var("SCIM_TOKEN").unwrap_or_default()))
//! }
//! ```
//!
//! Cases that must not run beside others are kept apart by a lock file, so that it does not matter whether the runner
//! uses threads or processes.

use crate::journal::Journal;
use crate::names::Seed;
use crate::run::{Line, Run, Settings};
use crate::select::{self, Trial};
use crate::suites::{self, Suites};
use libtest_mimic::{Arguments, Failed};
use rehearsal_reports::{Report, Terminal, TerminalOptions};
use scim_record::{Event, Gate, Redactor};
use scim_specimen::{Auth, Config, Running};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Secret, Transport};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};
use tokio::sync::watch;

/// The service provider under test, and how it is judged.
#[derive(Debug, Clone)]
pub struct Target {
    place: Place,
    credentials: Credentials,
    version: ScimVersion,
    gate: Gate,
    timeout: Duration,
    extra_suites: Vec<PathBuf>,
}

#[derive(Debug, Clone)]
enum Place {
    At(String),
    Specimen,
}

impl Target {
    /// Returns a target at this base URL, judged by the gate `okta`.
    pub fn at(base_url: impl Into<String>) -> Target {
        Target::new(Place::At(base_url.into()), Gate::Okta)
    }

    /// Returns the embedded specimen, a fresh one for each case, judged by the gate `strict`.
    pub fn specimen() -> Target {
        Target::new(Place::Specimen, Gate::Strict)
    }

    /// Sends this bearer token; an empty one sends none.
    #[must_use]
    pub fn bearer(mut self, token: impl Into<String>) -> Target {
        let token = token.into();
        if !token.is_empty() {
            self.credentials = Credentials::Bearer(Secret::new(token));
        }
        self
    }

    /// Sends these credentials.
    #[must_use]
    pub fn credentials(self, credentials: Credentials) -> Target {
        Target { credentials, ..self }
    }

    /// Judges by this gate.
    #[must_use]
    pub fn gate(self, gate: Gate) -> Target {
        Target { gate, ..self }
    }

    /// Loads suites of your own beside the embedded ones: a file or a folder.
    #[must_use]
    pub fn suites(mut self, path: impl Into<PathBuf>) -> Target {
        self.extra_suites.push(path.into());
        self
    }

    /// Says that the target speaks SCIM 1.1.
    #[must_use]
    pub fn scim_1_1(self) -> Target {
        Target { version: ScimVersion::V1_1, ..self }
    }

    /// Returns the versions that are tested: the specimen speaks both.
    fn versions(&self) -> &[ScimVersion] {
        match self.place {
            Place::At(_) => std::slice::from_ref(&self.version),
            Place::Specimen => &[ScimVersion::V2, ScimVersion::V1_1],
        }
    }

    fn new(place: Place, gate: Gate) -> Target {
        let timeout = Limits::default().timeout;
        let (credentials, version) = (Credentials::None, ScimVersion::V2);
        Target { place, credentials, version, gate, timeout, extra_suites: Vec::new() }
    }
}

/// Runs every case as a test, reading the usual arguments of a test binary.
pub fn run_suites(target: Target) -> ExitCode {
    let arguments = Arguments::from_args();
    let suites = match suites::load(&target.extra_suites) {
        Ok(suites) => Arc::new(suites),
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            return ExitCode::FAILURE;
        }
    };
    let names: Vec<String> = every_trial(&suites, target.versions()).iter().map(ToString::to_string).collect();
    let tests = names
        .into_iter()
        .map(|name| {
            let (target, suites) = (target.clone(), Arc::clone(&suites));
            libtest_mimic::Trial::test(name.clone(), move || test(&target, &suites, &name))
        })
        .collect();
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn every_trial<'s>(suites: &'s Suites, versions: &[ScimVersion]) -> Vec<Trial<'s>> {
    select::select(&suites.plan, &[], &[], versions).expect("no selector cannot be wrong")
}

/// Runs one trial; what the terminal report says of it is the failure.
fn test(target: &Target, suites: &Suites, name: &str) -> Result<(), Failed> {
    let trial = every_trial(suites, target.versions())
        .into_iter()
        .find(|trial| trial.to_string() == name)
        .expect("the name is a trial's");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match &target.place {
            Place::At(base_url) => {
                let _turn = Turn::take(base_url, trial.case.exclusive)?;
                run_one(target, suites, trial, base_url).await
            }
            Place::Specimen => {
                let token = scim_specimen::generate_token();
                let config = Config {
                    auth: Auth::Bearer(token.clone()),
                    users: 3,
                    me: Some(scim_specimen::user_name(0)),
                    ..Config::default()
                };
                let specimen = Running::start(config).await?;
                let base_url = match trial.version() {
                    ScimVersion::V2 => &specimen.base_url,
                    ScimVersion::V1_1 => &specimen.base_url_v1,
                };
                run_one(&target.clone().bearer(token), suites, trial, base_url).await
            }
        }
    })
}

async fn run_one(target: &Target, suites: &Suites, trial: Trial<'_>, base_url: &str) -> Result<(), Failed> {
    // A seed of its own for every trial: they may run in as many processes, and share nothing.
    let seed = Seed(Seed::random().derive(&trial.to_string()));
    let limits = Limits { timeout: target.timeout, ..Limits::default() };
    let redactor = Redactor::new(Vec::new(), Some(seed.run_id()));
    let parsed = scim_transport::Target::parse(base_url)?;
    let transport = Transport::new(parsed, target.credentials.clone(), limits, redactor)?;
    let lines = [Line { version: trial.version(), transport }];
    let journal = Journal::create(&work_folder(), &seed.run_id(), base_url)?;
    let (_stop, interrupt) = watch::channel(false);
    let settle = if matches!(target.place, Place::Specimen) { Duration::ZERO } else { Settings::SETTLE };
    let settings = Settings { settle, ..Settings::new(target.gate, seed) };
    let run = Run { lines: &lines, journal: &journal, catalog: &suites.catalog, settings, interrupt };

    let mut text = Vec::new();
    let mut terminal = Terminal::new(&mut text, TerminalOptions::default());
    let mut skipped = None;
    let mut told = Ok(());
    let summary = run
        .execute(&[trial], &mut |event| {
            if let Event::CaseFinished(record) = event
                && record.outcome == scim_record::Outcome::Skip
            {
                skipped.clone_from(&record.reason);
            }
            if told.is_ok() {
                told = terminal.event(event);
            }
        })
        .await?;
    told?;
    drop(terminal);
    if let Some(reason) = skipped.filter(|_| summary.left_behind.is_empty()) {
        // libtest knows no test that skips itself, so the reason goes where a passing test's notes go.
        let _ = writeln!(io::stderr(), "skipped: {}", rehearsal_reports::harmless(&reason));
        return Ok(());
    }
    if summary.exit == 0 { Ok(()) } else { Err(Failed::from(String::from_utf8_lossy(&text).into_owned())) }
}

/// A place among the trials that run against one target: beside others, or alone.
struct Turn {
    _lock: File,
}

impl Turn {
    fn take(base_url: &str, alone: bool) -> io::Result<Turn> {
        fs::create_dir_all(work_folder())?;
        let name = format!("turn-{:016x}.lock", Seed(0).derive(base_url));
        let lock = File::options().create(true).append(true).open(work_folder().join(name))?;
        if alone {
            lock.lock()?
        } else {
            lock.lock_shared()?
        }
        Ok(Turn { _lock: lock })
    }
}

/// Returns the folder for locks and journals: beside the test binary, which is in cargo's target folder.
fn work_folder() -> PathBuf {
    let beside = env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from));
    beside.unwrap_or_else(env::temp_dir).join("rehearsal-tests")
}
