//! `rehearsal init`: writes the settings file and a CI job, and what to do next.

use super::Failure;
use super::test::not_a_base_url;
use crate::cli::Init;
use crate::exit::Exit;
use crate::init;
use scim_transport::Target;
use std::io::{self, Write};

/// Writes all files, or none if one of them is there.
pub(super) fn execute(arguments: &Init) -> Result<Exit, Failure> {
    let Init { base_url, ci, dir } = arguments;
    let target = Target::parse(base_url).map_err(|cause| Failure::Usage(not_a_base_url(base_url, &cause)))?;
    let drafts = init::drafts(target.base(), ci.unwrap_or_else(|| init::ci_of(dir)));
    let taken = init::taken(dir, &drafts);
    if !taken.is_empty() {
        let taken: Vec<String> = taken.iter().map(|path| dir.join(path).display().to_string()).collect();
        return Err(Failure::Usage(format!(
            "nothing was written, because there is {} already; remove it, or choose another --dir or --ci",
            taken.join(" and ")
        )));
    }
    let mut out = io::stdout().lock();
    for draft in &drafts {
        let path = dir.join(&draft.path);
        init::write(dir, draft).map_err(Failure::local(format!("{} cannot be written", path.display())))?;
        writeln!(out, "wrote {}", path.display()).map_err(Failure::local("the result cannot be printed"))?;
    }
    let next = "next  set SCIM_TOKEN and run `rehearsal doctor`, then `rehearsal test`";
    writeln!(out, "{next}").map_err(Failure::local("the result cannot be printed"))?;
    Ok(Exit::Passed)
}
