//! The commands: from what was typed to an exit code.

mod choice;
mod cleanup;
mod compare;
mod connection;
mod coverage;
mod credentials;
mod demo;
mod doctor;
mod explain;
mod fuzz;
mod init;
mod manual;
mod merge;
mod oauth;
mod okta;
mod okta_audit;
mod okta_hooks;
mod okta_run;
mod outputs;
mod plan;
mod report;
mod runscope;
mod specimen;
mod test;
mod unbegun;

use crate::capability::TargetError;
use crate::cli::{Cli, Command, Fuzz, Runscope, Test};
use crate::exit::Exit;
use crate::oauth::SignInError;
use crate::rerun::RerunError;
use crate::run::RunError;
use crate::select::SelectError;
use crate::story::StoryError;
use crate::suites::SuitesError;
use std::io;
use thiserror::Error;
use unbegun::Refusal;

/// Does what the command line says.
///
/// # Errors
/// If the command could not do its work; the failure knows its exit code.
pub fn execute(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        Command::Demo(arguments) => demo::execute(&arguments),
        Command::Test(arguments) if arguments.list || arguments.plan => test::execute(&arguments),
        Command::Test(arguments) => {
            let Test { output, base_url, .. } = &arguments;
            outputs::are_distinct(&outputs::of_run(output, Some(&arguments.run)))?;
            unbegun::tell(test::execute(&arguments), output, base_url.as_deref(), Refusal::Reported)
        }
        Command::Fuzz(arguments) => {
            let Fuzz { output, base_url, .. } = &arguments;
            outputs::are_distinct(&outputs::of_run(output, Some(&arguments.run)))?;
            unbegun::tell(fuzz::execute(&arguments), output, base_url.as_deref(), Refusal::Reported)
        }
        Command::Runscope(arguments) if arguments.list => runscope::execute(&arguments),
        Command::Runscope(arguments) => {
            let Runscope { output, base_url, .. } = &arguments;
            outputs::are_distinct(&outputs::of_run(output, None))?;
            unbegun::tell(runscope::execute(&arguments), output, base_url.as_deref(), Refusal::Unreported)
        }
        Command::Specimen(arguments) => specimen::execute(&arguments),
        Command::Explain { what } => explain::execute(&what.join(" ")),
        Command::Coverage(arguments) => coverage::execute(&arguments),
        Command::Compare(arguments) => compare::execute(&arguments),
        Command::Merge(arguments) => merge::execute(&arguments),
        Command::Cleanup(arguments) => cleanup::execute(&arguments),
        Command::Doctor(arguments) => doctor::execute(&arguments),
        Command::Init(arguments) => init::execute(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { dir } => manual::man(&dir),
        Command::Report { command } => report::execute(&command),
        Command::Okta { command } => okta::execute(&command),
    }
}

/// Why a command could not do its work.
#[derive(Debug, Error)]
pub enum Failure {
    /// What was typed cannot be used.
    #[error("{0}")]
    Usage(String),
    /// A suite file is wrong.
    #[error(transparent)]
    Suites(#[from] SuitesError),
    /// There is no such story, or its script is wrong.
    #[error(transparent)]
    Story(#[from] StoryError),
    /// The selection is wrong or empty.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// There is nothing to run again.
    #[error(transparent)]
    Rerun(#[from] RerunError),
    /// The target cannot be tested.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The run could not be carried through.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The safety guard lets nothing be written; says what was found and how to go on.
    #[error("{0}")]
    Refused(String),
    /// Nobody could sign in at the authorization server.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// An Okta org does not answer, or not as one.
    #[error("{0}")]
    Org(String),
    /// Something on this machine failed.
    #[error("{what}: {cause}")]
    Local {
        /// What was being done.
        what: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Whoever read what was printed has read enough, as `head` does.
    #[error("nobody reads what is printed")]
    Unread,
    /// Reports could not be written; everything else is done.
    #[error("{}", .0.join("\nerror: "))]
    Reports(Vec<String>),
}

impl Failure {
    /// Returns the exit code that says the same.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_)
            | Failure::Suites(_)
            | Failure::Story(_)
            | Failure::Select(SelectError::Malformed { .. }) => Exit::Usage,
            Failure::Select(_) | Failure::Rerun(RerunError::Nothing { .. }) => Exit::NothingRan,
            Failure::Rerun(_) => Exit::Usage,
            Failure::Target(TargetError::Journal(_)) | Failure::Run(RunError::Journal(_)) => Exit::Usage,
            Failure::SignIn(SignInError::Listen { .. }) => Exit::Usage,
            Failure::SignIn(_) => Exit::Target,
            Failure::Target(_) | Failure::Run(RunError::Target(_)) | Failure::Org(_) => Exit::Target,
            Failure::Refused(_) => Exit::Refused,
            Failure::Local { .. } => Exit::Usage,
            Failure::Unread => Exit::Passed,
            Failure::Reports(_) => Exit::Report,
        }
    }

    fn local(what: impl Into<String>) -> impl FnOnce(io::Error) -> Failure {
        let what = what.into();
        move |cause| Failure::Local { what, cause }
    }

    /// Tells of output that is the whole of a command's work.
    fn printing(what: &str) -> impl FnOnce(io::Error) -> Failure {
        move |cause| match cause.kind() {
            io::ErrorKind::BrokenPipe => Failure::Unread,
            _ => Failure::Local { what: what.to_owned(), cause },
        }
    }
}

/// Returns the runtime a command works in.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::local("the runtime cannot be started"))
}
