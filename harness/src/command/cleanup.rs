//! `rehearsal cleanup`: removes what an interrupted run left, by its journal.

use super::test::connect;
use super::{Failure, connection, credentials, runtime};
use crate::cli::Cleanup;
use crate::client::Client;
use crate::exit::Exit;
use crate::journal::Journal;
use scim_transport::{Limits, Target};
use std::io::{self, Write};

/// Deletes every object the journal names and nobody has removed.
pub(super) fn execute(arguments: &Cleanup) -> Result<Exit, Failure> {
    let Cleanup { run, journal_dir, auth, .. } = arguments;
    if !run.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Failure::Usage(format!("{run:?} is no run id; they look like rh7kq2m4xz")));
    }
    let what = format!("the journal of {run} in {} cannot be read", journal_dir.display());
    let (journal, base) = Journal::reopen(journal_dir, run).map_err(Failure::local(what))?;
    let target = Target::parse(&base).map_err(|cause| Failure::Usage(format!("the journal names {base}: {cause}")))?;
    let target = connection::secured(target, &arguments.tls)?;
    let credentials = credentials::resolve(auth, &target)?;
    let line = connect(arguments.scim.into(), target, credentials, Limits::default().timeout, run.clone())?;
    let trouble = "the journal cannot be written";
    runtime()?.block_on(async {
        let mut out = io::stdout().lock();
        let mut left_behind = Vec::new();
        for owner in journal.owners() {
            let client = Client::new(&line, &journal, run, &owner);
            left_behind.extend(client.clean_up_later().await.map_err(Failure::local(trouble))?);
        }
        journal.close().map_err(Failure::local(trouble))?;
        for object in &left_behind {
            let told = format!("still there: {} ({})", object.path, object.reason);
            writeln!(out, "{}", rehearsal_reports::harmless(&told))
                .map_err(Failure::local("the result cannot be printed"))?;
        }
        if !left_behind.is_empty() {
            return Ok(Exit::LeftBehind);
        }
        writeln!(out, "nothing of {run} is left on {base}").map_err(Failure::local("the result cannot be printed"))?;
        Ok(Exit::Passed)
    })
}
