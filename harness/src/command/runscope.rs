//! `rehearsal runscope`: a suite file that Okta publishes for Runscope, as downloaded.

use super::test::{await_answer, exit_of, not_a_base_url, reports, watch_for_interrupt};
use super::{Failure, credentials, runtime};
use crate::cli::{Runscope, ScimArg};
use crate::exit::Exit;
use crate::journal::Journal;
use crate::names::Seed;
use crate::run::Line;
use crate::runscope::{
    Elsewhere, FormatError, Given, Play, Settings, SourceFile, Suite, Variables, is_base_url, is_credentials,
    sounds_secret,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scim_record::{Gate, Redactor};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use std::io::{self, Write};
use std::time::Duration;
use tokio::sync::watch;

/// Plays the file against the service provider, or lists its steps.
pub(super) fn execute(arguments: &Runscope) -> Result<Exit, Failure> {
    let path = &arguments.file;
    let file = SourceFile::read(path).map_err(Failure::local(format!("{} cannot be read", path.display())))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let suite = Suite::parse(&file, &stem)?;
    if arguments.list {
        list(&suite).map_err(Failure::local("the list cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    let given = Givens::resolve(&arguments.variables)?;
    let target = target(arguments, &given)?;
    let seed = arguments.seed.unwrap_or_else(Seed::random);
    let mut variables = fill(&suite, &given, Variables::new(seed, &suite.id).at(target.base(), None));
    let credentials = credentials(arguments, &given, &mut variables, &target)?;
    let mut variables = variables.at(target.base(), authorization(&credentials));
    variables.complete();
    suite.check(&file, &variables)?;

    let limits = limits(arguments.timeout);
    let secrets = given.secrets.into_iter().chain(variables.secrets()).collect();
    let redactor = Redactor::new(secrets, Some(seed.run_id()));
    let transport = Transport::new(target, credentials, limits, redactor);
    let transport = transport.map_err(|cause| Failure::Usage(cause.to_string()))?;
    let line = Line { version: version(arguments.scim, &file), transport };
    let folder = &arguments.journal_dir;
    let elsewhere = Elsewhere::new(folder.clone(), seed.run_id(), limits, line.transport.redactor().clone());
    let gate = arguments.gate.map_or(Gate::Okta, Into::into);
    let settings = Settings { gate, seed, pause_scale: arguments.pause_scale };
    runtime()?.block_on(async {
        if let Some(limit) = arguments.wait {
            await_answer(&line, limit).await;
        }
        let journal = Journal::create(folder, &seed.run_id(), line.transport.target().base())
            .map_err(Failure::local(format!("no journal can be kept in {}", folder.display())))?;
        let (stop, interrupt) = watch::channel(false);
        tokio::spawn(watch_for_interrupt(stop, seed.run_id()));
        let (file, suite, line) = (&file, &suite, &line);
        let play = Play { file, suite, variables, line, journal: &journal, elsewhere, settings, interrupt };
        let mut reports = reports(&arguments.output);
        let summary = match play.execute(&mut |event| reports.event(event)).await {
            Ok(summary) => summary,
            Err(failure) => {
                journal.close().map_err(Failure::local("the journal cannot be closed"))?;
                return Err(failure.into());
            }
        };
        let errors: Vec<String> = reports.finish().iter().map(ToString::to_string).collect();
        if errors.is_empty() { Ok(exit_of(summary.exit)) } else { Err(Failure::Reports(errors)) }
    })
}

impl From<FormatError> for Failure {
    fn from(error: FormatError) -> Failure {
        Failure::Usage(error.to_string())
    }
}

fn list(suite: &Suite) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for case in suite.cases() {
        writeln!(out, "{}\n    {}", case.id, case.title)?;
    }
    writeln!(out, "{} steps of {}", suite.cases().count(), suite.name)
}

/// What `--var` gave.
struct Givens {
    values: Vec<Given>,
    secrets: Vec<String>,
}

impl Givens {
    /// Fetches the values that are named by where they are; refuses secrets that are typed.
    fn resolve(variables: &[(String, String)]) -> Result<Givens, Failure> {
        let mut givens = Givens { values: Vec::new(), secrets: Vec::new() };
        for (name, setting) in variables {
            let is_named = ["env:", "file:", "cmd:"].iter().any(|source| setting.starts_with(source));
            let value = if is_named || sounds_secret(name) {
                let secret = Secret::resolve(setting)
                    .map_err(|cause| Failure::Usage(format!("--var {name}: {}", credentials::chain(&cause))))?;
                givens.secrets.push(secret.expose().to_owned());
                secret.expose().to_owned()
            } else {
                setting.clone()
            };
            givens.values.push(Given { name: name.clone(), value });
        }
        Ok(givens)
    }

    fn find(&self, means: fn(&str) -> bool) -> Option<&str> {
        self.values.iter().rev().find(|given| means(&given.name)).map(|given| given.value.as_str())
    }
}

/// Sets what was given, and what the file gives where nobody else does.
fn fill(suite: &Suite, given: &Givens, mut variables: Variables) -> Variables {
    for Given { name, value } in &given.values {
        if !is_base_url(name) && !is_credentials(name) {
            variables.set(name, value);
        }
    }
    for (name, template) in &suite.initial {
        let is_given = given.values.iter().any(|given| given.name == *name);
        // One that needs what has no value is told with the step that needs it.
        if let (false, Ok(value)) = (is_given, template.fill(&mut variables)) {
            variables.set(name, &value);
        }
    }
    variables
}

/// Returns the service provider: the base URL that was typed, or the variable that stands for it.
fn target(arguments: &Runscope, given: &Givens) -> Result<Target, Failure> {
    let base = match (arguments.base_url.as_deref(), given.find(is_base_url)) {
        (Some(_), Some(_)) => {
            return Err(Failure::Usage("the base URL is given twice: as BASE_URL and by --var".to_owned()));
        }
        (Some(base), None) | (None, Some(base)) => base,
        (None, None) => return Err(Failure::Usage("say which base URL to test, or --list".to_owned())),
    };
    Target::parse(base).map_err(|cause| Failure::Usage(not_a_base_url(base, &cause)))
}

/// Returns the credentials: a variable that stands for the Authorization header, the options, or what the file brings.
fn credentials(
    arguments: &Runscope,
    given: &Givens,
    variables: &mut Variables,
    target: &Target,
) -> Result<Credentials, Failure> {
    let header = |value: &str| Credentials::Header { name: "Authorization".to_owned(), value: Secret::new(value) };
    let brought = variables.take(is_credentials);
    variables.take(is_base_url);
    if let Some(value) = given.find(is_credentials) {
        return Ok(header(value));
    }
    let resolved = credentials::resolve(&arguments.auth, target)?;
    Ok(match (resolved, brought) {
        (Credentials::None, Some(value)) => header(&value),
        (resolved, _) => resolved,
    })
}

/// Returns the value of the Authorization header that these credentials send.
fn authorization(credentials: &Credentials) -> Option<String> {
    match credentials {
        Credentials::Bearer(token) => Some(format!("Bearer {}", token.expose())),
        Credentials::Basic { user, password } => {
            Some(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
        }
        Credentials::Header { name, value } if name.eq_ignore_ascii_case("authorization") => {
            Some(value.expose().to_owned())
        }
        Credentials::None | Credentials::Header { .. } => None,
    }
}

fn limits(timeout: Duration) -> Limits {
    let default = Limits::default();
    Limits { timeout, connect_timeout: timeout.min(default.connect_timeout), ..default }
}

/// Returns the version of SCIM: the one that was typed, or the one whose core schema the file names.
fn version(typed: Option<ScimArg>, file: &SourceFile) -> ScimVersion {
    match typed {
        Some(version) => version.into(),
        None if file.text().contains("urn:scim:schemas:core:1.0") => ScimVersion::V1_1,
        None => ScimVersion::V2,
    }
}
