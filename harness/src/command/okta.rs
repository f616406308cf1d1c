//! `rehearsal okta`: the mock org as a server, alone or around another command.

mod companion;

use super::unbegun::{self, Refusal};
use super::{Failure, credentials, okta_audit, okta_hooks, okta_run, outputs, runtime};
use crate::cli::{OktaCommand, OktaExec, OktaOrg, OktaRun, OktaServe};
use crate::exit::Exit;
use mock_okta_server::{Config, MockOrg, Provider, Seed, StartError, stored_seed};
use scim_specimen::{Auth, Running};
use scim_transport::{Credentials, Secret, Target};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, ExitStatus};
use std::{env, fs};

/// Serves the org, or runs a command beside it.
pub(super) fn execute(command: &OktaCommand) -> Result<Exit, Failure> {
    match command {
        OktaCommand::Serve(arguments) => serve(arguments),
        OktaCommand::Exec(arguments) => exec(arguments),
        OktaCommand::Run(arguments) if arguments.list => okta_run::execute(arguments),
        OktaCommand::Run(arguments) => {
            let OktaRun { output, base_url, .. } = arguments;
            outputs::are_distinct(&outputs::of_run(output, None))?;
            unbegun::tell(okta_run::execute(arguments), output, base_url.as_deref(), Refusal::Unreported)
        }
        OktaCommand::Hooks(arguments) => okta_hooks::execute(arguments),
        OktaCommand::Audit(arguments) => okta_audit::execute(arguments),
    }
}

/// Serves until Ctrl-C.
fn serve(arguments: &OktaServe) -> Result<Exit, Failure> {
    let address = SocketAddr::from((arguments.address, arguments.port));
    let config = config(&arguments.org, address, provider(&arguments.org)?)?;
    let (hosts, state) = (arguments.host.clone(), arguments.state.clone());
    let seed = seed(arguments, config.seed.clone())?;
    let config = Config { hosts, state, seed, ..config };
    let is_ours = config.token.is_none();
    runtime()?.block_on(async {
        let mut org = MockOrg::start(config).await.map_err(start_failure)?;
        announce(&org, is_ours).map_err(Failure::local("the address cannot be printed"))?;
        tokio::select! {
            served = org.wait() => served,
            _ = tokio::signal::ctrl_c() => org.close().await,
        }
        .map_err(|cause| stopped(arguments, cause))
    })?;
    Ok(Exit::Passed)
}

/// Returns the seed: without one that is typed, that of the org which goes on.
fn seed(arguments: &OktaServe, typed: Seed) -> Result<Seed, Failure> {
    let (Some(folder), None) = (&arguments.state, &arguments.org.seed_file) else { return Ok(typed) };
    let stored = stored_seed(folder).map_err(|error| Failure::Usage(credentials::chain(&error)))?;
    Ok(stored.unwrap_or(typed))
}

/// Says why the org is no longer served. What could not be written down is a report that could not be written.
fn stopped(arguments: &OktaServe, cause: io::Error) -> Failure {
    match arguments.state {
        Some(_) => Failure::Reports(vec![format!("the org stopped: {cause}")]),
        None => Failure::local("the org stopped")(cause),
    }
}

/// Runs a command beside an org, and beside a specimen where no service provider is named.
fn exec(arguments: &OktaExec) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let _inside = runtime.enter();
    let given = provider(&arguments.org)?;
    let specimen = match &given {
        Some(_) => None,
        None => Some(runtime.block_on(Specimen::start())?),
    };
    let provider = given.or_else(|| specimen.as_ref().map(|specimen| specimen.provider.clone()));
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = config(&arguments.org, any_port, provider.clone())?;
    let org = runtime.block_on(MockOrg::start(config)).map_err(start_failure)?;
    let status = runtime.block_on(companion::see_through(command(arguments, &org, provider.as_ref())));
    runtime.block_on(org.stop());
    if let Some(specimen) = specimen {
        // The command has ended; how the specimen ends changes nothing.
        let _ = runtime.block_on(specimen.running.stop());
    }
    let status = status.map_err(Failure::local(format!("{} cannot be run", arguments.command[0])))?;
    Ok(Exit::Command(code(status)))
}

/// Prepares the command with what it needs to find the org: our names, and those Okta's SDKs look for.
fn command(arguments: &OktaExec, org: &MockOrg, provider: Option<&Provider>) -> Command {
    let mut command = Command::new(&arguments.command[0]);
    command.args(&arguments.command[1..]);
    command.env("OKTA_ORG_URL", org.url()).env("OKTA_TOKEN", org.token());
    command.env("OKTA_CLIENT_ORGURL", org.url()).env("OKTA_CLIENT_TOKEN", org.token());
    command.env("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true");
    if let Some((app, _)) = org.apps().first() {
        command.env("OKTA_APP_ID", app);
    }
    if let Some(provider) = provider {
        command.env(URL_VARIABLE, provider.target.base());
        if let Credentials::Bearer(token) = &provider.credentials {
            command.env(credentials::TOKEN_VARIABLE, token.expose());
        }
    }
    command
}

/// A specimen of our own.
pub(super) struct Specimen {
    pub(super) running: Running,
    pub(super) provider: Provider,
}

impl Specimen {
    pub(super) async fn start() -> Result<Specimen, Failure> {
        let token = scim_specimen::generate_token();
        let auth = Auth::Bearer(token.clone());
        let running = Running::start(scim_specimen::Config { auth, ..Default::default() })
            .await
            .map_err(Failure::local("the specimen cannot be started"))?;
        let target = Target::parse(&running.base_url).expect("the specimen's address is a base URL");
        let credentials = Credentials::Bearer(Secret::new(token));
        Ok(Specimen { running, provider: Provider { target, credentials } })
    }
}

/// Returns the service provider that the options or `SCIM_URL` name.
fn provider(arguments: &OktaOrg) -> Result<Option<Provider>, Failure> {
    let given = arguments.scim_url.clone().or_else(|| env::var(URL_VARIABLE).ok()).filter(|url| !url.is_empty());
    let Some(url) = given else { return Ok(None) };
    let target = Target::parse(&url).map_err(|error| Failure::Usage(error.to_string()))?;
    let credentials = credentials::resolve(&arguments.auth, &target)?;
    Ok(Some(Provider { target, credentials }))
}

fn config(arguments: &OktaOrg, address: SocketAddr, provider: Option<Provider>) -> Result<Config, Failure> {
    let seed = match &arguments.seed_file {
        Some(path) => {
            let text =
                fs::read_to_string(path).map_err(Failure::local(format!("{} cannot be read", path.display())))?;
            Seed::parse(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?
        }
        None => Seed::default(),
    };
    let token = env::var(OKTA_TOKEN).ok().filter(|token| !token.is_empty());
    Ok(Config { address, token, seed, provider, synchronous: arguments.sync, ..Config::default() })
}

fn announce(org: &MockOrg, is_ours: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "mock Okta org on {} (Ctrl-C stops it)", org.url())?;
    match is_ours {
        true => writeln!(out, "{OKTA_TOKEN}={}", org.token())?,
        false => writeln!(out, "the token is that of {OKTA_TOKEN}")?,
    }
    for (id, label) in org.apps() {
        writeln!(out, "app {id} {label}")?;
    }
    for note in org.notes() {
        writeln!(out, "{note}")?;
    }
    match org.sign_in_code() {
        Some(code) => writeln!(out, "console {} (sign in with the token, or once with {code})", org.console())?,
        None => writeln!(out, "console {} (sign in with the token)", org.console())?,
    }
    out.flush()
}

pub(super) fn start_failure(error: StartError) -> Failure {
    match error {
        StartError::Address { address, source } => Failure::local(format!("{address} cannot be used"))(source),
        other => Failure::Usage(credentials::chain(&other)),
    }
}

/// Returns the command's exit code; a signal counts as a shell counts it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(u8::MAX)
}

const URL_VARIABLE: &str = "SCIM_URL";
const OKTA_TOKEN: &str = "OKTA_TOKEN";
