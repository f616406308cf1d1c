//! `rehearsal cleanup`: removes what an interrupted run left, by its journal.

use super::test::connect;
use super::{Failure, connection, credentials, runtime};
use crate::cli::Cleanup;
use crate::client::Client;
use crate::exit::Exit;
use crate::journal::Journal;
use scim_record::LeftBehind;
use scim_transport::{Limits, Target};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Deletes every object the journal names and nobody has removed.
pub(super) fn execute(arguments: &Cleanup) -> Result<Exit, Failure> {
    let Cleanup { run, journal_dir, .. } = arguments;
    if !run.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Failure::Usage(format!("{run:?} is no run id; they look like rh7kq2m4xz")));
    }
    let what = || format!("the journal of {run} in {} cannot be read", journal_dir.display());
    let files = Journal::left_by(journal_dir, run).map_err(Failure::local(what()))?;
    if files.is_empty() {
        let cause = io::Error::new(io::ErrorKind::NotFound, "there is none; --journal-dir says where else to look");
        return Err(Failure::local(what())(cause));
    }
    let mut left_behind = Vec::new();
    let (mut bases, mut unread) = (BTreeSet::new(), None);
    for file in files {
        // What one part of a run still works with, or has lost, keeps nobody from removing what the others left.
        match Journal::reopen(&file) {
            Ok((journal, base)) => {
                left_behind.extend(remove(arguments, &journal, &base)?);
                bases.insert(base);
            }
            Err(cause) => unread = Some(Failure::local(format!("{} cannot be read", file.display()))(cause)),
        }
    }
    tell(run, &bases, &left_behind).map_err(Failure::local("the result cannot be printed"))?;
    match unread {
        Some(failure) => Err(failure),
        None if left_behind.is_empty() => Ok(Exit::Passed),
        None => Ok(Exit::LeftBehind),
    }
}

/// Removes what one journal names, and returns what would not go.
fn remove(arguments: &Cleanup, journal: &Journal, base: &str) -> Result<Vec<LeftBehind>, Failure> {
    let Cleanup { run, auth, .. } = arguments;
    let target = Target::parse(base).map_err(|cause| Failure::Usage(format!("the journal names {base}: {cause}")))?;
    let target = connection::secured(target, &arguments.tls)?;
    let credentials = credentials::resolve(auth, &target)?;
    let line = connect(arguments.scim.into(), target, credentials, Limits::default().timeout, run.clone())?;
    let trouble = "the journal cannot be written";
    runtime()?.block_on(async {
        let mut left_behind = Vec::new();
        for owner in journal.owners() {
            let client = Client::new(&line, journal, run, &owner);
            left_behind.extend(client.clean_up_later().await.map_err(Failure::local(trouble))?);
        }
        journal.close().map_err(Failure::local(trouble))?;
        Ok(left_behind)
    })
}

fn tell(run: &str, bases: &BTreeSet<String>, left_behind: &[LeftBehind]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for object in left_behind {
        let told = format!("still there: {} ({})", object.path, object.reason);
        writeln!(out, "{}", rehearsal_reports::harmless(&told))?;
    }
    for base in bases.iter().filter(|_| left_behind.is_empty()) {
        writeln!(out, "nothing of {run} is left on {base}")?;
    }
    Ok(())
}
