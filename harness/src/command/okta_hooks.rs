//! `rehearsal okta hooks`: the suites about event hooks against a vendor's receiver.

use super::test::{Prepared, asked, list, not_a_base_url};
use super::{Failure, credentials, outputs, runtime};
use crate::cli::OktaHooks;
use crate::exit::Exit;
use crate::select::select_for;
use crate::suites;
use scim_record::Gate;
use scim_suite::{ScimVersion, TargetKind};
use scim_transport::{Credentials, Secret, Target};

/// Runs the chosen cases against the receiver, or lists them.
pub(super) fn execute(arguments: &OktaHooks) -> Result<Exit, Failure> {
    let suites = suites::load(&arguments.run.suites)?;
    let (url, selectors) = positionals(arguments);
    let trials = select_for(TargetKind::EventHook, &suites.plan, &selectors, &arguments.run.app, &VERSIONS)?;
    if arguments.list {
        list(&trials).map_err(Failure::printing("the list cannot be printed"))?;
        return Ok(Exit::Passed);
    }
    outputs::are_distinct(&outputs::of_run(&arguments.output, Some(&arguments.run)))?;
    let url = url.ok_or_else(|| Failure::Usage("say which receiver to test, or --list".to_owned()))?;
    let target = Target::endpoint(url).map_err(|cause| Failure::Usage(not_a_base_url(url, &cause)))?;
    let credentials = secret(arguments)?;
    let asked = asked(&selectors, &arguments.run);
    let prepared = Prepared {
        suites: &suites,
        trials,
        asked,
        default_gate: Gate::Okta,
        specimen: false,
        fuzz: None,
        guard: None,
        readiness: None,
    };
    let targets = [(ScimVersion::V2, target)];
    runtime()?.block_on(prepared.carry_out(&targets, &credentials, &arguments.run, &arguments.output, None))
}

/// With `--list` the URL may be missing, and then the first word is a selector.
fn positionals(arguments: &OktaHooks) -> (Option<&str>, Vec<String>) {
    let mut selectors = arguments.selectors.clone();
    match arguments.url.as_deref() {
        Some(word) if arguments.list && !word.contains("://") => {
            selectors.insert(0, word.to_owned());
            (None, selectors)
        }
        url => (url, selectors),
    }
}

/// Okta puts no scheme before the secret.
fn secret(arguments: &OktaHooks) -> Result<Credentials, Failure> {
    let Some(source) = &arguments.secret else { return Ok(Credentials::None) };
    let value =
        Secret::resolve(source).map_err(|cause| Failure::Usage(format!("--secret: {}", credentials::chain(&cause))))?;
    Ok(Credentials::Header { name: arguments.secret_header.clone(), value })
}

/// Event hooks have no versions; the engine's lines have.
const VERSIONS: [ScimVersion; 1] = [ScimVersion::V2];
