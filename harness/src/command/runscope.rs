//! `rehearsal runscope`: a suite file that Okta publishes for Runscope, as downloaded.

use super::okta::{Specimen, start_failure};
use super::test::{admit, await_answer, exit_of, limits, remedy, reports, watch_for_interrupt};
use super::{Failure, connection, credentials, runtime};
use crate::cli::{Runscope, ScimArg};
use crate::exit::Exit;
use crate::guard::Guard;
use crate::journal::Journal;
use crate::names::Seed;
use crate::run::Line;
use crate::runscope::{
    Elsewhere, FormatError, Given, Play, Settings, SourceFile, Suite, Variables, is_base_url, is_credentials,
    sounds_secret,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_okta::{AppId, AppKind};
use mock_okta_server::{Config, MockOrg, Provider};
use scim_record::{Gate, Redactor};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use std::io::{self, Write};
use tokio::sync::watch;

/// Plays the file against the service provider, or lists its steps.
pub(super) fn execute(arguments: &Runscope) -> Result<Exit, Failure> {
    let path = &arguments.file;
    let file = SourceFile::read(path).map_err(Failure::local(format!("{} cannot be read", path.display())))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let suite = Suite::parse(&file, &stem)?;
    if arguments.list {
        list(&suite).map_err(Failure::printing("the list cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    let mut given = Givens::resolve(&arguments.variables)?;
    let seed = arguments.seed.unwrap_or_else(Seed::random);
    let version = version(arguments.scim, &file);
    let runtime = runtime()?;
    let _inside = runtime.enter();
    let specimen = match &arguments.org {
        Some(_) if arguments.base_url.is_none() && given.find(is_base_url).is_none() => {
            Some(runtime.block_on(Specimen::start())?)
        }
        _ => None,
    };
    let target = match &specimen {
        Some(specimen) => specimen_target(specimen, version),
        None => target(arguments, &given)?,
    };
    let mut variables = fill(&suite, &given, Variables::new(seed, &suite.id).at(target.base(), None));
    let credentials = match &specimen {
        Some(specimen) => specimen.provider.credentials.clone(),
        None => credentials(arguments, &given, &mut variables, &target)?,
    };
    let org = match arguments.org {
        Some(app) => Some(runtime.block_on(start_org(app, version, seed, &target, &credentials))?),
        None => None,
    };
    if let Some(org) = &org {
        given.know(org)?;
        given
            .values
            .iter()
            .filter(|value| is_of_org(&value.name))
            .for_each(|Given { name, value }| variables.set(name, value));
    }
    let mut variables = variables.at(target.base(), authorization(&credentials));
    variables.complete();
    suite.check(&file, &variables)?;

    let limits = limits(arguments.timeout);
    let guard = specimen.is_none().then(|| Guard::new(&arguments.guard));
    let pace = guard.as_ref().and_then(|guard| guard.pace(&target));
    let secrets = given.secrets.into_iter().chain(variables.secrets()).collect();
    let redactor = Redactor::new(secrets, Some(seed.run_id()));
    let transport = Transport::new(target, credentials, Limits { pace, ..limits }, redactor);
    let transport = transport.map_err(|cause| Failure::Usage(cause.to_string()))?;
    let line = Line { version, transport };
    let folder = &arguments.journal_dir;
    let elsewhere = Elsewhere::new(folder.clone(), seed.run_id(), limits, line.transport.redactor().clone());
    let gate = arguments.gate.map_or(Gate::Okta, Into::into);
    let pause_scale = arguments.pause_scale.unwrap_or(if org.is_some() { 0.0 } else { PAUSE_SCALE });
    let settings = Settings { gate, provisions: org.is_some(), seed, pause_scale };
    let played = runtime.block_on(async {
        if let Some(limit) = arguments.wait {
            await_answer(&line, limit).await;
        }
        let journal = Journal::create(folder, &seed.run_id(), line.transport.target().base())
            .map_err(Failure::local(format!("no journal can be kept in {}", folder.display())))?;
        if let Some(guard) = &guard
            && let Some(objection) = admit(guard, &line, &journal).await
        {
            // Its steps build on each other, and most of them write.
            journal.close().map_err(Failure::local("the journal cannot be closed"))?;
            return Err(Failure::Refused(objection.advice()));
        }
        let (stop, interrupt) = watch::channel(false);
        tokio::spawn(watch_for_interrupt(stop, remedy(&seed.run_id(), &arguments.journal_dir)));
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
    });
    if let Some(org) = org {
        runtime.block_on(org.stop());
    }
    if let Some(specimen) = specimen {
        // The file was played; how the specimen ends changes nothing.
        let _ = runtime.block_on(specimen.running.stop());
    }
    played
}

/// Returns where a specimen speaks this version.
fn specimen_target(specimen: &Specimen, version: ScimVersion) -> Target {
    match version {
        ScimVersion::V2 => specimen.provider.target.clone(),
        ScimVersion::V1_1 => {
            Target::parse(&specimen.running.base_url_v1).expect("the specimen's address is a base URL")
        }
    }
}

/// Starts an org with one app that provisions to the service provider, and with nobody in it.
async fn start_org(
    app: Option<AppId>,
    version: ScimVersion,
    seed: Seed,
    target: &Target,
    credentials: &Credentials,
) -> Result<MockOrg, Failure> {
    let app = app.unwrap_or(AppId { kind: AppKind::Catalog, version });
    if app.version != version {
        return Err(Failure::Usage(format!(
            "--org={app}: the file and the service provider speak another version of SCIM"
        )));
    }
    let text =
        format!("org = \"rehearsal\"\nids = \"{}\"\n[[app]]\nlabel = \"Rehearsal\"\nkind = \"{app}\"\n", seed.run_id());
    let provider = Provider { target: target.clone(), credentials: credentials.clone() };
    let config = Config {
        seed: mock_okta_server::Seed::parse(&text).expect("the seed is well-formed"),
        provider: Some(provider),
        synchronous: true,
        ..Config::default()
    };
    MockOrg::start(config).await.map_err(start_failure)
}

/// Tells whether a variable of this name tells of an org.
fn is_of_org(name: &str) -> bool {
    ORG_VARIABLES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// What Okta's files call the URL of the org, the id of the app and the API token.
const ORG_VARIABLES: [&str; 3] = ["oktaOrgUrl", "oktaAppId", "oktaToken"];

/// How much of a pause is kept where nobody says: a second of twenty.
const PAUSE_SCALE: f64 = 0.05;

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

    /// Adds what tells of a mock org.
    fn know(&mut self, org: &MockOrg) -> Result<(), Failure> {
        if let Some(given) = self.values.iter().find(|given| is_of_org(&given.name)) {
            return Err(Failure::Usage(format!("{} is given twice: by --org and by --var", given.name)));
        }
        let app = org.apps().into_iter().next().map(|(id, _)| id).unwrap_or_default();
        self.secrets.push(org.token().to_owned());
        let values = [org.url(), app, org.token().to_owned()];
        self.values
            .extend(ORG_VARIABLES.into_iter().zip(values).map(|(name, value)| Given { name: name.to_owned(), value }));
        Ok(())
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
    connection::target(base, &arguments.tls)
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
        Credentials::Renewed(tokens) => Some(tokens.authorization().expose().to_owned()),
        Credentials::Basic { user, password } => {
            Some(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
        }
        Credentials::Header { name, value } if name.eq_ignore_ascii_case("authorization") => {
            Some(value.expose().to_owned())
        }
        Credentials::None | Credentials::Header { .. } => None,
    }
}

/// Returns the version of SCIM: the one that was typed, or the one whose core schema the file names.
fn version(typed: Option<ScimArg>, file: &SourceFile) -> ScimVersion {
    match typed {
        Some(version) => version.into(),
        None if file.text().contains("urn:scim:schemas:core:1.0") => ScimVersion::V1_1,
        None => ScimVersion::V2,
    }
}
