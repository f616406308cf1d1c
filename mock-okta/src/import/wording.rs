//! Texts of imports for the administrator.
//!
//! No text of a failed import is public. The frames are ours; what stands in them, the reason phrase and
//! the remote `detail`, is Okta's way with every refused request.

use super::report::{Counters, ImportReport};
use super::safeguard::{Halt, SafeguardLevel};
use crate::message;
use crate::{App, Outcome, Response};

pub(crate) fn refused(app: &App, what: &str, response: &Response) -> Outcome {
    failed(app, what, &message::refusal(response))
}

pub(crate) fn failed(app: &App, what: &str, why: &str) -> Outcome {
    Outcome::Task { message: format!("Import of {what} from app {} failed: {why}", app.label) }
}

/// The heading is that of Okta's warning
/// (<https://help.okta.com/en/prod/Content/Topics/users-groups-profiles/usgp-safeguard-threshold.htm>).
pub(crate) fn halted(app: &App, halt: &Halt) -> Outcome {
    let place = match halt.level {
        SafeguardLevel::App => format!("app {}", app.label),
        SafeguardLevel::Org => "the org".to_owned(),
    };
    let message = format!(
        "All imports paused: {} of {} assignments in {place} would be removed, more than {} percent",
        halt.unassigned, halt.assigned, halt.percent
    );
    Outcome::Task { message }
}

pub(crate) fn complete(report: &ImportReport, users: bool, groups: bool) -> Outcome {
    let users = users.then(|| format!("Users: {}", counters(&report.users.counters)));
    let groups = groups.then(|| match report.groups_unavailable {
        Some(status) => format!("Groups: none to import, the service provider answers {status}"),
        None => format!("Groups: {}", counters(&report.groups.counters)),
    });
    let parts: Vec<String> = users.into_iter().chain(groups).collect();
    message::done(parts.join(". "))
}

fn counters(counters: &Counters) -> String {
    let Counters { scanned, new, updated, unchanged, removed } = counters;
    format!("{scanned} scanned, {new} new, {updated} updated, {unchanged} unchanged, {removed} removed")
}
