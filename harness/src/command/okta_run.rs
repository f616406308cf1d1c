//! `rehearsal okta run`: tells a lifecycle story.

use super::test::{admit, await_answer, connect_within, exit_of, limits, remedy, reports, watch_for_interrupt};
use super::{Failure, connection, credentials, runtime, specimen};
use crate::cli::OktaRun;
use crate::exit::Exit;
use crate::guard::Guard;
use crate::journal::Journal;
use crate::names::Seed;
use crate::run;
use crate::story::{self, Settings, Stop, Telling};
use mock_okta::{AppId, ScimVersion};
use scim_record::Gate;
use scim_specimen::{Auth, Config, Fault, Running};
use scim_suite::{Catalog, Story};
use scim_transport::{Credentials, Limits, Secret, Target};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};
use tokio::sync::watch;

/// Tells the story, or lists those there are.
pub(super) fn execute(arguments: &OktaRun) -> Result<Exit, Failure> {
    let Some(name) = arguments.story.as_ref().filter(|_| !arguments.list) else {
        list().map_err(Failure::printing("the list cannot be printed"))?;
        return Ok(Exit::Passed);
    };
    let (mut story, catalog) = story::find(name)?;
    choose_app(&mut story, arguments.as_app.as_deref())?;
    let faults = specimen::faults(&arguments.fault)?;
    let vendor = vendor(arguments)?;
    if vendor.is_some() && story.apps.len() == 1 && !faults.is_empty() {
        return Err(Failure::Usage(
            "--fault is for specimens, and the only app of this story has a base URL".to_owned(),
        ));
    }
    runtime()?.block_on(tell(arguments, &story, &catalog, vendor, &faults))
}

fn list() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (name, title) in story::embedded() {
        writeln!(out, "{}\n    {title}", name.rsplit('/').next().unwrap_or(&name))?;
    }
    out.flush()
}

/// Puts the app first that the base URL stands for.
fn choose_app(story: &mut Story, name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else { return Ok(()) };
    let Some(at) = story.apps.iter().position(|app| app.name == name) else {
        let known = story.apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::Usage(format!("the story has no app {name:?}; its apps are {known}")));
    };
    let app = story.apps.remove(at);
    story.apps.insert(0, app);
    Ok(())
}

/// Returns the service provider that the base URL names.
fn vendor(arguments: &OktaRun) -> Result<Option<(Target, Credentials)>, Failure> {
    let Some(base_url) = &arguments.base_url else { return Ok(None) };
    let target = connection::target(base_url, &arguments.tls)?;
    let credentials = credentials::resolve(&arguments.auth, &target)?;
    Ok(Some((target, credentials)))
}

async fn tell(
    arguments: &OktaRun,
    story: &Story,
    catalog: &Catalog,
    vendor: Option<(Target, Credentials)>,
    faults: &[Fault],
) -> Result<Exit, Failure> {
    let seed = arguments.seed.unwrap_or_else(Seed::random);
    let settle = match (&vendor, arguments.settle) {
        (_, Some(settle)) => settle,
        (Some(_), None) => run::Settings::SETTLE,
        (None, None) => Duration::ZERO,
    };
    let (mut places, mut specimens) = (Vec::from_iter(vendor.map(Place::vendor)), Vec::new());
    for _ in places.len()..story.apps.len() {
        let (running, place) = start_specimen(faults).await?;
        specimens.push(running);
        places.push(place);
    }
    let folder = Folder::new(&seed.run_id());
    let mut stops = Vec::new();
    for (at, (place, app)) in places.into_iter().zip(&story.apps).enumerate() {
        // A specimen ends with the program, and what is on it; nobody has to clean it up later.
        let journals = if place.specimen { &folder.path } else { &arguments.journal_dir };
        stops.push(stop(place, app.id, at, arguments, seed, journals)?);
    }
    if let (Some(limit), Some(first)) = (arguments.wait, stops.first()) {
        await_answer(&first.line, limit).await;
    }
    if let Some(vendor) = stops.iter().find(|stop| !stop.specimen) {
        let objection = admit(&Guard::new(&arguments.guard), &vendor.line, &vendor.journal).await;
        if let Some(objection) = objection {
            // A story is nothing but writing, so it does not begin.
            for stop in &stops {
                stop.journal.close().map_err(Failure::local("the journal cannot be closed"))?;
            }
            return Err(Failure::Refused(objection.advice()));
        }
    }
    let (send, interrupt) = watch::channel(false);
    tokio::spawn(watch_for_interrupt(send, remedy(&seed.run_id(), &arguments.journal_dir)));
    let gate = arguments.gate.map_or(Gate::Okta, Into::into);
    let settings = Settings { gate, seed, settle };
    let telling = Telling { story, stops: &stops, catalog, settings, interrupt };

    let mut reports = reports(&arguments.output);
    let ended = telling.execute(&mut |event| reports.event(event)).await;
    let summary = match ended {
        Ok(summary) => summary,
        Err(failure) => {
            for stop in &stops {
                // A journal that still names something stays.
                stop.journal.close().map_err(Failure::local("the journal cannot be closed"))?;
            }
            return Err(failure.into());
        }
    };
    drop(specimens);
    let errors: Vec<String> = reports.finish().iter().map(ToString::to_string).collect();
    if errors.is_empty() { Ok(exit_of(summary.exit)) } else { Err(Failure::Reports(errors)) }
}

/// A service provider of the story.
struct Place {
    /// The base URL of each version it speaks.
    target: Target,
    target_v1: Target,
    credentials: Credentials,
    specimen: bool,
}

impl Place {
    /// A base URL speaks the version of the app it stands for.
    fn vendor((target, credentials): (Target, Credentials)) -> Place {
        Place { target_v1: target.clone(), target, credentials, specimen: false }
    }
}

async fn start_specimen(faults: &[Fault]) -> Result<(Running, Place), Failure> {
    let token = scim_specimen::generate_token();
    let config =
        Config { auth: Auth::Bearer(token.clone()), users: PEOPLE, faults: faults.to_vec(), ..Config::default() };
    let running = Running::start(config).await.map_err(Failure::local("the specimen cannot be started"))?;
    let target = |url: &str| Target::parse(url).expect("the specimen's own URL is one");
    let place = Place {
        target: target(&running.base_url),
        target_v1: target(&running.base_url_v1),
        credentials: Credentials::Bearer(Secret::new(token)),
        specimen: true,
    };
    Ok((running, place))
}

fn stop(place: Place, app: AppId, at: usize, arguments: &OktaRun, seed: Seed, folder: &Path) -> Result<Stop, Failure> {
    let target = match app.version {
        ScimVersion::V2 => place.target,
        ScimVersion::V1_1 => place.target_v1,
    };
    let run = seed.run_id();
    let base = target.base().to_owned();
    let pace = if place.specimen { None } else { Guard::new(&arguments.guard).pace(&target) };
    let limits = Limits { pace, ..limits(arguments.timeout) };
    let line = connect_within(limits, app.version, target, place.credentials, run.clone())?;
    // Only the first can be one that lasts, and `rehearsal cleanup` finds its journal by the run's id.
    let name = if at == 0 { run } else { format!("{run}-{at}") };
    let journal = Journal::create(folder, &name, &base)
        .map_err(Failure::local(format!("no journal can be kept in {}", folder.display())))?;
    Ok(Stop { line, journal, specimen: place.specimen })
}

/// A folder for journals of specimens, which goes with them.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new(run: &str) -> Folder {
        Folder { path: env::temp_dir().join(format!("rehearsal-{run}-{}", std::process::id())) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It is the system's folder for what nobody needs later; what stays there is of no use and does no harm.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// How many people each specimen knows before the story begins, so that there are strangers.
const PEOPLE: usize = 3;
