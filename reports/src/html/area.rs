//! What an administrator is at when a case matters: the order of harm, and the words for it.

use crate::diagnostic;
use scim_record::{Basis, CaseRecord, Exchange, Failure, Level, Outcome, Verdict};

/// A part of what a service provider has to do, in the words of whom it matters to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Area {
    /// What it is called.
    pub(super) name: &'static str,
    /// What it is about, in a line.
    pub(super) meaning: &'static str,
    /// The suites that are about it, or the beginnings of their ids, which end with a slash.
    suites: &'static [&'static str],
}

/// The areas, the most harmful when broken first: nothing works without a connection, nobody notices that somebody kept
/// their access, a person without an account calls the help desk, a wrong title waits.
pub(super) const AREAS: [Area; 15] = [
    Area {
        name: "Connecting",
        meaning: "An administrator saves the base URL and the credentials",
        suites: &["okta/connect", "rfc7644/authentication"],
    },
    Area {
        name: "Leaving and returning",
        meaning: "Access ends when it should, and the same account comes back",
        suites: &["okta/lifecycle", "scim11/lifecycle"],
    },
    Area { name: "Passwords", meaning: "They arrive, and never come back", suites: &["okta/passwords"] },
    Area {
        name: "Joining",
        meaning: "People get an account, one and no more",
        suites: &["okta/users", "okta/assignments", "scim11/users"],
    },
    Area { name: "Groups", meaning: "Groups and who is in them", suites: &["okta/groups", "scim11/groups"] },
    Area { name: "Profiles", meaning: "Attributes arrive and stay", suites: &["okta/attributes"] },
    Area { name: "Importing", meaning: "Okta reads people and groups page by page", suites: &["okta/import"] },
    Area { name: "Entitlements", meaning: "Roles and entitlements for governance", suites: &["okta/entitlements"] },
    Area {
        name: "Okta's own tests",
        meaning: "What a submission to the Okta Integration Network is asked",
        suites: &["okta/spec", "scim11/spec", "runscope/"],
    },
    Area { name: "Stories", meaning: "People join, move and leave, chapter by chapter", suites: &["lifecycle/"] },
    Area { name: "Event hooks", meaning: "The receiver of Okta's events", suites: &["hooks/"] },
    Area {
        name: "Protocol",
        meaning: "RFC 7644, RFC 9865, RFC 9967, SCIM 1.1",
        suites: &["rfc7644/", "rfc9865/", "rfc9967/", "scim11/protocol"],
    },
    Area { name: "Schema", meaning: "RFC 7643: resources, attributes, discovery", suites: &["rfc7643/"] },
    Area { name: "Fuzzing", meaning: "Requests that no human would type", suites: &["fuzz/"] },
    Area { name: "Interoperability", meaning: "Profiles that are drafts", suites: &["interop/"] },
];

/// Where suites belong that are nobody's here: a vendor's own.
pub(super) const ELSEWHERE: Area = Area { name: "Other suites", meaning: "Suites of your own", suites: &[] };

/// Returns the area of a suite and its rank, the most harmful first.
pub(super) fn of(suite: &str) -> (usize, &'static Area) {
    let owns = |area: &Area| {
        area.suites.iter().any(|known| *known == suite || (known.ends_with('/') && suite.starts_with(known)))
    };
    AREAS.iter().enumerate().find(|(_, area)| owns(area)).unwrap_or((AREAS.len(), &ELSEWHERE))
}

/// Whether a case shows something that breaks or misleads Okta, on evidence.
pub(super) fn breaks_okta(case: &CaseRecord) -> bool {
    case.outcome == Outcome::Fail
        && case.findings.iter().any(|finding| {
            finding.verdict == Verdict::Fail && finding.level == Level::Okta && finding.basis != Basis::Inferred
        })
}

/// Where a case stands among findings: what comes first has to be mended first.
///
/// What breaks Okta goes before what breaks the standard alone; among the former the area decides, because what an
/// administrator loses there does, then whether the server broke down altogether, then how sure the rule is.
pub(crate) fn harm(case: &CaseRecord) -> impl Ord + use<> {
    let level = case.findings.iter().filter(|it| it.verdict == Verdict::Fail).map(|it| it.level).min();
    let basis = match case.basis {
        Basis::Documented => 0,
        Basis::Captured => 1,
        Basis::Inferred => 2,
    };
    let broke_down = case.findings.iter().filter_map(|it| diagnostic::exchange_of(case, it)).any(broke_down);
    (!breaks_okta(case), level.unwrap_or(case.level), of(&case.suite).0, !broke_down, basis)
}

/// Whether the server failed instead of answering: a 5xx, a hang, a dropped connection.
fn broke_down(exchange: &Exchange) -> bool {
    match (&exchange.response, &exchange.failure) {
        (Some(response), _) => response.status >= 500,
        (None, Some(failure)) => matches!(failure, Failure::TimedOut { .. } | Failure::Broken { .. }),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_has_one_area_and_a_strangers_has_one_too() {
        assert_eq!(of("okta/connect").1.name, "Connecting");
        assert_eq!(of("rfc7644/filter-logic").1.name, "Protocol");
        assert_eq!(of("rfc7644/authentication").1.name, "Connecting");
        assert_eq!(of("runscope/Okta-SCIM-20-SPEC-Test").1.name, "Okta's own tests");
        assert_eq!(of("acme/invoices").1, &ELSEWHERE);
        assert_eq!(of("okta/connections").1, &ELSEWHERE);
    }
}
