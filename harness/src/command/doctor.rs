//! `rehearsal doctor`: says which link between here and the service provider is broken.

use super::test::connect;
use super::{Failure, connection, credentials, runtime};
use crate::cli::Doctor;
use crate::doctor::{self, Diagnosis, Mark};
use crate::exit::Exit;
use crate::names::Seed;
use std::io::{self, Write};

/// Looks at every link and prints a line for each.
pub(super) fn execute(arguments: &Doctor) -> Result<Exit, Failure> {
    let base_url = arguments.base_url.as_deref();
    let base_url = base_url.ok_or_else(|| Failure::Usage("say which base URL to look at".to_owned()))?;
    let target = connection::target(base_url, &arguments.tls)?;
    let credentials = credentials::resolve(&arguments.auth, &target)?;
    let line = connect(arguments.scim.into(), target, credentials, arguments.timeout, Seed::random().run_id())?;
    let mut trouble = None;
    let worst = runtime()?.block_on(doctor::examine(&line, &mut |diagnosis| {
        if let Err(cause) = print(diagnosis) {
            trouble.get_or_insert(cause);
        }
    }));
    match trouble {
        Some(cause) => Err(Failure::local("the findings cannot be printed")(cause)),
        None if worst == Mark::Broken => Ok(Exit::Target),
        None => Ok(Exit::Passed),
    }
}

fn print(diagnosis: &Diagnosis) -> io::Result<()> {
    let Diagnosis { link, mark, text, remedy } = diagnosis;
    let mark = match mark {
        Mark::Fine => "ok",
        Mark::Doubtful => "warn",
        Mark::Broken => "bad",
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{mark:<5} {link:<12} {text}")?;
    if let Some(remedy) = remedy {
        writeln!(out, "      {:<12} {remedy}", "→")?;
    }
    out.flush()
}
