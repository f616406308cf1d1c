//! `rehearsal test`: the main job.

use super::{Failure, credentials, plan, runtime};
use crate::cli::{ColorArg, OutputArgs, RunArgs, Test};
use crate::exit::Exit;
use crate::journal::Journal;
use crate::names::Seed;
use crate::run::{Line, Run, Settings};
use crate::select::{Trial, select};
use crate::suites::{self, Suites};
use rehearsal_reports::{Json, Junit, Reports, Terminal, TerminalOptions, Verbosity};
use scim_record::{Gate, Redactor};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Target, Transport};
use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Runs the chosen cases against the service provider, or lists them.
pub(super) fn execute(arguments: &Test) -> Result<Exit, Failure> {
    let suites = suites::load(&arguments.run.suites)?;
    if arguments.plan {
        plan::print(&suites).map_err(Failure::local("the plan cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    let (base_url, selectors) = positionals(arguments);
    let version = arguments.scim.into();
    let trials = select(&suites.plan, &selectors, &arguments.run.app, &[version])?;
    if arguments.list {
        list(&trials).map_err(Failure::local("the list cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    let base_url = base_url.ok_or_else(|| Failure::Usage("say which base URL to test, or --list".to_owned()))?;
    let target = Target::parse(base_url).map_err(|cause| Failure::Usage(not_a_base_url(base_url, &cause)))?;
    let credentials = credentials::resolve(&arguments.auth, &target)?;
    let plan = Prepared { suites: &suites, trials, default_gate: Gate::Okta, specimen: false };
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
    pub(super) default_gate: Gate,
    pub(super) specimen: bool,
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
        let seed = run.seed.unwrap_or_else(Seed::random);
        let mut lines = Vec::new();
        for (version, target) in targets {
            lines.push(connect(*version, target.clone(), credentials.clone(), run.timeout, seed.run_id())?);
        }
        if let (Some(limit), Some(line)) = (wait, lines.first()) {
            await_answer(line, limit).await;
        }
        let base = lines.first().map(|line| line.transport.target().base().to_owned()).unwrap_or_default();
        let folder = run.journal_dir.display();
        let journal = Journal::create(&run.journal_dir, &seed.run_id(), &base)
            .map_err(Failure::local(format!("no journal can be kept in {folder}")))?;
        let (stop, interrupt) = watch::channel(false);
        tokio::spawn(watch_for_interrupt(stop, seed.run_id()));
        let settings = Settings {
            jobs: usize::from(run.jobs),
            specimen: self.specimen,
            settle: run.settle.unwrap_or(if self.specimen { Duration::ZERO } else { Settings::SETTLE }),
            ignore_requires: run.ignore_requires,
            case_limit: run.case_limit,
            ..Settings::new(run.gate.map_or(self.default_gate, Into::into), seed)
        };
        let work = Run { lines: &lines, journal: &journal, catalog: &self.suites.catalog, settings, interrupt };

        let mut reports = reports(output);
        let ended = work.execute(&self.trials, &mut |event| reports.event(event)).await;
        let summary = match ended {
            Ok(summary) => summary,
            Err(failure) => {
                // A journal that still names something stays.
                journal.close().map_err(Failure::local("the journal cannot be closed"))?;
                return Err(failure.into());
            }
        };
        let errors: Vec<String> = reports.finish().iter().map(ToString::to_string).collect();
        if errors.is_empty() { Ok(exit_of(summary.exit)) } else { Err(Failure::Reports(errors)) }
    }
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
    let limits =
        Limits { timeout, connect_timeout: timeout.min(Limits::default().connect_timeout), ..Limits::default() };
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
pub(super) async fn watch_for_interrupt(stop: watch::Sender<bool>, run_id: String) {
    while asked_to_stop().await.is_ok() {
        if *stop.borrow() {
            let _ = writeln!(io::stderr(), "stopped at once; `rehearsal cleanup {run_id}` removes what is left");
            std::process::exit(Exit::Interrupted.code().into());
        }
        stop.send_replace(true);
        let _ = writeln!(io::stderr(), "interrupted: removing what the run created (Ctrl-C again to stop at once)");
    }
}

#[cfg(unix)]
async fn asked_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

pub(super) fn reports(output: &OutputArgs) -> Reports {
    let mut reports = Reports::default();
    let verbosity = match output {
        OutputArgs { quiet: true, .. } => Verbosity::Quiet,
        OutputArgs { verbose: true, .. } => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let options =
        TerminalOptions { colour: colour(output.color), verbosity, trace: output.trace, ..Default::default() };
    reports.add(Terminal::new(io::stdout(), options));
    if let Some(path) = &output.junit {
        reports.add(Junit::new(path));
    }
    if let Some(path) = &output.json {
        reports.add(Json::new(path));
    }
    reports
}

fn colour(choice: ColorArg) -> bool {
    match choice {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => {
            let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            io::stdout().is_terminal() && !refused && env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}
