//! `rehearsal test`: the main job.

use super::choice::Choice;
use super::report::Page;
use super::{Failure, connection, credentials, plan, runtime};
use crate::cli::{ColorArg, OutputArgs, RunArgs, Test};
use crate::exit::Exit;
use crate::fuzz::FuzzSettings;
use crate::guard::{self, Guard, Objection};
use crate::journal::Journal;
use crate::names::Seed;
use crate::progress;
use crate::rerun::{self, Last};
use crate::run::{Line, Run, Settings};
use crate::select::{Trial, select};
use crate::suites::{self, Suites};
use rehearsal_reports::{
    Annotations, Har, Html, Json, Junit, Markdown, Ndjson, Reports, StepOutput, StepSummary, Terminal, TerminalOptions,
    Verbosity,
};
use scim_record::{Event, Gate, Redactor, Summary};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Target, Transport};
use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Runs the chosen cases against the service provider, or lists them.
pub(super) fn execute(arguments: &Test) -> Result<Exit, Failure> {
    let suites = suites::load(&arguments.run.suites)?;
    if arguments.plan {
        plan::print(&suites).map_err(Failure::printing("the plan cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    let (base_url, selectors) = positionals(arguments);
    let version = arguments.scim.into();
    let trials = select(&suites.plan, &selectors, &arguments.run.app, &[version])?;
    if arguments.list {
        let part = arguments.run.partition.map(|partition| partition.of(&trials, false).trials);
        list(part.as_ref().unwrap_or(&trials)).map_err(Failure::printing("the list cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    let base_url = base_url.ok_or_else(|| Failure::Usage("say which base URL to test, or --list".to_owned()))?;
    let target = connection::target(base_url, &arguments.tls)?;
    let credentials = credentials::resolve(&arguments.auth, &target)?;
    let asked = asked(&selectors, &arguments.run);
    let guard = Some(Guard::new(&arguments.guard));
    let plan = Prepared {
        suites: &suites,
        trials,
        asked,
        default_gate: Gate::Okta,
        specimen: false,
        fuzz: None,
        guard,
        readiness: None,
    };
    let targets = [(version, target)];
    runtime()?.block_on(plan.carry_out(&targets, &credentials, &arguments.run, &arguments.output, arguments.wait))
}

/// Returns why a base URL cannot be used; what could hold a secret in it is not repeated.
pub(super) fn not_a_base_url(given: &str, cause: &dyn std::fmt::Display) -> String {
    if given.contains(['@', '?', '#']) {
        format!("the base URL cannot be used: {cause}")
    } else {
        format!("{given}: {cause}")
    }
}

/// With `--list` the base URL may be missing, and then the first word is a selector.
fn positionals(arguments: &Test) -> (Option<&str>, Vec<String>) {
    let mut selectors = arguments.selectors.clone();
    match arguments.base_url.as_deref() {
        Some(word) if arguments.list && !word.contains("://") => {
            selectors.insert(0, word.to_owned());
            (None, selectors)
        }
        base_url => (base_url, selectors),
    }
}

/// Returns what cases are chosen by, as on a command line.
pub(super) fn asked(selectors: &[String], run: &RunArgs) -> Vec<String> {
    selectors.iter().cloned().chain(run.app.iter().map(|app| format!("--app {app}"))).collect()
}

pub(super) fn list(trials: &[Trial<'_>]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for trial in trials {
        writeln!(out, "{trial}\n    {}", trial.case.title)?;
    }
    writeln!(out, "{} cases", trials.len())
}

/// A chosen set of trials, ready for a target.
pub(super) struct Prepared<'plan> {
    pub(super) suites: &'plan Suites,
    pub(super) trials: Vec<Trial<'plan>>,
    /// What they were chosen by, for the reports.
    pub(super) asked: Vec<String>,
    pub(super) default_gate: Gate,
    pub(super) specimen: bool,
    /// How random inputs are sent where they are all there is; then the cases follow each other.
    pub(super) fuzz: Option<FuzzSettings>,
    /// What keeps a service provider in use from being written to, where it is one.
    pub(super) guard: Option<Guard>,
    /// Where the page on readiness goes, if one is wanted.
    pub(super) readiness: Option<PathBuf>,
}

impl Prepared<'_> {
    /// Runs the trials against the target, tells the reports, and returns how it went.
    pub(super) async fn carry_out(
        &self,
        targets: &[(ScimVersion, Target)],
        credentials: &Credentials,
        run: &RunArgs,
        output: &OutputArgs,
        wait: Option<Duration>,
    ) -> Result<Exit, Failure> {
        let base = targets.first().map(|(_, target)| target.base().to_owned()).unwrap_or_default();
        let Choice { trials, borrowed, part, known, mut additions } =
            Choice::of(&self.trials, &self.suites.plan, run, &base, self.specimen)?;
        let seed = run.seed.unwrap_or_else(Seed::random);
        let limits = Limits { retries: run.retries, ..limits(run.timeout) };
        let mut lines = Vec::new();
        for (version, target) in targets {
            let pace = self.guard.as_ref().and_then(|guard| guard.pace(target));
            let limits = Limits { pace, ..limits };
            lines.push(connect_within(limits, *version, target.clone(), credentials.clone(), seed.run_id())?);
        }
        if let (Some(limit), Some(line)) = (wait, lines.first()) {
            await_answer(line, limit).await;
        }
        let folder = run.journal_dir.display();
        let number = part.as_ref().map(|part| part.number);
        let journal = Journal::create_for(&run.journal_dir, &seed.run_id(), number, &base)
            .map_err(Failure::local(format!("no journal can be kept in {folder}")))?;
        let objection = match (&self.guard, lines.first()) {
            (Some(guard), Some(line)) => admit(guard, line, &journal).await,
            _ => None,
        };
        let (stop, interrupt) = watch::channel(false);
        tokio::spawn(watch_for_interrupt(stop, remedy(&seed.run_id(), &run.journal_dir)));
        let settings = Settings {
            jobs: if self.fuzz.is_some() { 1 } else { usize::from(run.jobs) },
            fuzz: self.fuzz.clone().unwrap_or_default(),
            asked: self.asked.clone(),
            specimen: self.specimen,
            settle: run.settle.unwrap_or(if self.specimen { Duration::ZERO } else { Settings::SETTLE }),
            ignore_requires: run.ignore_requires,
            case_limit: run.case_limit,
            known,
            part,
            borrowed,
            ..Settings::new(run.gate.map_or(self.default_gate, Into::into), seed)
        };
        let work = Run { lines: &lines, journal: &journal, catalog: &self.suites.catalog, settings, interrupt };

        let mut reports = reports_on(output, self.specimen, |reports| {
            // The page on readiness is made of the JSON report.
            if let (Some(page), Some(json)) = (self.readiness.clone(), output.json.clone()) {
                reports.add(Page { json, page });
            }
            reports.add(Last::new(&run.journal_dir, &rerun::name(&base, self.specimen)));
        });
        let mut unlisted = None;
        let mut emit = |event: &Event| {
            if let (Event::CaseFinished(record), Some(additions)) = (event, &mut additions) {
                additions.add(record);
            }
            match event {
                // The list comes before the verdict, which says how the run ends.
                Event::RunFinished(summary) => {
                    unlisted = additions.take().and_then(|additions| additions.write().err());
                    let exit = unlisted.as_ref().map_or(summary.exit, |_| Exit::Report.code());
                    reports.event(&Event::RunFinished(Summary { exit, ..summary.clone() }));
                }
                event => reports.event(event),
            }
        };
        let ended = work.execute(&trials, &mut emit).await;
        let summary = match ended {
            Ok(summary) => summary,
            Err(failure) => {
                // A journal that still names something stays, and so may one that is empty: what matters is the failure.
                let _ = journal.close();
                return Err(failure.into());
            }
        };
        let mut errors: Vec<String> = reports.finish().iter().map(ToString::to_string).collect();
        errors.extend(unlisted.map(|error| error.to_string()));
        match objection {
            _ if !errors.is_empty() => Err(Failure::Reports(errors)),
            Some(objection) if journal.has_withheld() => Err(Failure::Refused(objection.advice())),
            _ => Ok(exit_of(summary.exit)),
        }
    }
}

/// Lets the guard look at a target before anything is written; what it objects to is kept from being written.
pub(super) async fn admit(guard: &Guard, line: &Line, journal: &Journal) -> Option<Objection> {
    if !guard.may_read_all(line.transport.target()) {
        journal.read_no_further_than(guard::MOST_READ);
    }
    let objection = guard.objection(line).await?;
    journal.let_nothing_be_written(objection.reason());
    Some(objection)
}

pub(super) fn exit_of(code: u8) -> Exit {
    Exit::all().into_iter().map(|(exit, _)| exit).find(|exit| exit.code() == code).unwrap_or(Exit::Internal)
}

/// Returns the way to a target, with a redactor that knows the mark of our own objects; it learns the credentials by
/// itself.
pub(super) fn connect(
    version: ScimVersion,
    target: Target,
    credentials: Credentials,
    timeout: Duration,
    run_id: String,
) -> Result<Line, Failure> {
    connect_within(limits(timeout), version, target, credentials, run_id)
}

pub(super) fn limits(timeout: Duration) -> Limits {
    Limits { timeout, connect_timeout: timeout.min(Limits::default().connect_timeout), ..Limits::default() }
}

/// Returns the way to a target as [`connect`] does, within limits of one's own.
pub(super) fn connect_within(
    limits: Limits,
    version: ScimVersion,
    target: Target,
    credentials: Credentials,
    run_id: String,
) -> Result<Line, Failure> {
    let redactor = Redactor::new(target.secrets(), Some(run_id));
    let transport = Transport::new(target, credentials, limits, redactor);
    Ok(Line { version, transport: transport.map_err(|cause| Failure::Usage(cause.to_string()))? })
}

/// Asks until something answers or the time is up; whatever is wrong then, discovery says it.
pub(super) async fn await_answer(line: &Line, limit: Duration) {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        let probe = line.transport.send("wait", crate::client::get(line.version, "/Users?count=1".to_owned()));
        match tokio::time::timeout_at(deadline.into(), probe).await {
            Ok(sent) if sent.reply.is_err() => tokio::time::sleep(Duration::from_millis(100)).await,
            _ => return,
        }
    }
}

/// The first Ctrl-C, or the request to end that CI sends, ends the run after clean-up; the second ends the program.
///
/// It tells the command that removes what is left then. From here on no such request goes unheard, be it that the one
/// before is still being taken in.
pub(super) fn watch_for_interrupt(stop: watch::Sender<bool>, remedy: String) -> impl Future<Output = ()> + Send {
    let listening = StopRequests::listen();
    async move {
        let mut requests = match listening {
            Ok(requests) => requests,
            Err(cause) => {
                let warning = "warning: Ctrl-C ends this run without clean-up";
                let _ = writeln!(io::stderr(), "{warning}: {cause}; `{remedy}` does it then");
                return;
            }
        };
        requests.next().await;
        stop.send_replace(true);
        let _ = writeln!(io::stderr(), "interrupted: removing what the run created (Ctrl-C again to stop at once)");
        requests.next().await;
        let _ = writeln!(io::stderr(), "stopped at once; `{remedy}` removes what is left");
        std::process::exit(Exit::Interrupted.code().into());
    }
}

/// Returns the command that removes what a run left, by its journal in this folder.
pub(super) fn remedy(run_id: &str, journal_dir: &Path) -> String {
    match journal_dir == Path::new(JOURNAL_DIR) {
        true => format!("rehearsal cleanup {run_id}"),
        false => format!("rehearsal cleanup {run_id} --journal-dir {}", journal_dir.display()),
    }
}

/// Where journals are kept unless somebody says otherwise.
const JOURNAL_DIR: &str = "rehearsal-report";

/// Waits for Ctrl-C, or another request to end.
pub(super) async fn asked_to_stop() -> io::Result<()> {
    StopRequests::listen()?.next().await;
    Ok(())
}

/// Ctrl-C, and the other requests to end that the system knows.
#[cfg(unix)]
struct StopRequests {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

#[cfg(unix)]
impl StopRequests {
    fn listen() -> io::Result<StopRequests> {
        Ok(StopRequests {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(windows)]
struct StopRequests {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl StopRequests {
    fn listen() -> io::Result<StopRequests> {
        Ok(StopRequests { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    async fn next(&mut self) {
        let _ = self.interrupt.recv().await;
    }
}

pub(super) fn reports(output: &OutputArgs) -> Reports {
    reports_on(output, false, |_| {})
}

/// Returns the reports on a run, more files among them; where they were not asked for, the terminal names the one for people.
fn reports_on(output: &OutputArgs, is_unasked: bool, add_more: impl FnOnce(&mut Reports)) -> Reports {
    let mut reports = Reports::default();
    let (curtain, progress) = progress::start(!output.no_progress && !output.quiet).unzip();
    if let Some(curtain) = curtain {
        reports.add(curtain);
    }
    let verbosity = match output {
        OutputArgs { quiet: true, .. } => Verbosity::Quiet,
        OutputArgs { verbose: true, .. } => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let options =
        TerminalOptions { colour: colour(output.color), verbosity, trace: output.trace, ..Default::default() };
    add_files(&mut reports, output);
    add_more(&mut reports);
    add_files_of_github(&mut reports);
    // Whoever reads the verdict shall see whether it could be written down.
    let page = output.html.clone().filter(|_| is_unasked);
    reports.add(Terminal::new(io::stdout(), options).naming(page));
    if named("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        reports.add(Annotations::new(io::stdout()));
    }
    // The last, so that the line is shown when the others have written.
    if let Some(progress) = progress {
        reports.add(progress);
    }
    reports
}

/// Adds the reports that go to files.
pub(super) fn add_files(reports: &mut Reports, output: &OutputArgs) {
    if let Some(path) = &output.junit {
        reports.add(Junit::new(path));
    }
    if let Some(path) = &output.json {
        reports.add(Json::new(path));
    }
    if let Some(path) = &output.html {
        reports.add(Html::new(path));
    }
    if let Some(path) = &output.markdown {
        reports.add(Markdown::new(path));
    }
    if let Some(path) = &output.har {
        reports.add(Har::new(path));
    }
    if let Some(path) = &output.ndjson {
        reports.add(Ndjson::new(path));
    }
}

/// Under GitHub Actions, which says so in the environment, the job shows the result by itself.
fn add_files_of_github(reports: &mut Reports) {
    if let Some(path) = named("GITHUB_STEP_SUMMARY") {
        reports.add(StepSummary::new(path));
    }
    if let Some(path) = named("GITHUB_OUTPUT") {
        reports.add(StepOutput::new(path));
    }
}

fn named(variable: &str) -> Option<OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}

pub(super) fn colour(choice: ColorArg) -> bool {
    match choice {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => {
            let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            io::stdout().is_terminal() && !refused && env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}
