//! `rehearsal okta`: the mock org as a server, alone or around another command.

use super::{Failure, credentials, runtime};
use crate::cli::{OktaCommand, OktaExec, OktaOrg, OktaServe};
use crate::exit::Exit;
use mock_okta_server::{Config, MockOrg, Provider, Seed, StartError};
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
    }
}

/// Serves until Ctrl-C.
fn serve(arguments: &OktaServe) -> Result<Exit, Failure> {
    let address = SocketAddr::from((arguments.address, arguments.port));
    let config = config(&arguments.org, address, provider(&arguments.org)?)?;
    let config = Config { hosts: arguments.host.clone(), ..config };
    let is_ours = config.token.is_none();
    runtime()?.block_on(async {
        let mut org = MockOrg::start(config).await.map_err(start_failure)?;
        announce(&org, is_ours).map_err(Failure::local("the address cannot be printed"))?;
        tokio::select! {
            served = org.wait() => served.map_err(Failure::local("the org stopped")),
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    })?;
    Ok(Exit::Passed)
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
    // Ctrl-C reaches the command as well; it decides how to end, and we end after it.
    runtime.spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    let status = command(arguments, &org, provider.as_ref()).status();
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
struct Specimen {
    running: Running,
    provider: Provider,
}

impl Specimen {
    async fn start() -> Result<Specimen, Failure> {
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
    out.flush()
}

fn start_failure(error: StartError) -> Failure {
    match error {
        StartError::Address { address, source } => Failure::local(format!("{address} cannot be used"))(source),
        other => Failure::Usage(other.to_string()),
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
