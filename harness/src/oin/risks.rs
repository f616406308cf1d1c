//! What is uncertain: where Okta's own material disagrees with itself about something this vendor does, and where the
//! runs could not look.

use super::manifest::Manifest;
use rehearsal_reports::PastRun;
use rehearsal_reports::readiness::Risk;

/// Returns the risks that touch this integration; without a manifest, those that touch any.
pub(crate) fn risks(runs: &[PastRun], manifest: Option<&Manifest>) -> Vec<Risk> {
    let disputes = DISPUTES.iter().filter(|dispute| manifest.is_none_or(dispute.touches));
    let disputes = disputes.map(|dispute| risk(dispute.title, dispute.told.to_owned()));
    of_runs(runs).into_iter().chain(disputes).collect()
}

fn of_runs(runs: &[PastRun]) -> Vec<Risk> {
    let mut risks = Vec::new();
    if runs.iter().any(|run| run.info.specimen) {
        let told = "A run was made against the program's own specimen; what it shows is not about your server.";
        risks.push(risk("The specimen was tested", told.to_owned()));
    }
    if runs.iter().any(|run| run.info.target.starts_with("http://")) {
        let told = "A run was made over plain HTTP; certificate and TLS of the server were not seen.";
        risks.push(risk("TLS was not tested", told.to_owned()));
    }
    let mut targets: Vec<&str> =
        runs.iter().filter(|run| !run.info.specimen).map(|run| run.info.target.as_str()).collect();
    targets.sort_unstable();
    targets.dedup();
    if targets.len() > 1 {
        risks.push(risk("The runs are of several servers", targets.join(", ")));
    }
    for run in runs.iter().filter(|run| run.summary.interrupted) {
        let told = format!("Run {} was interrupted; cases it did not reach say nothing.", run.info.run);
        risks.push(risk("A run is incomplete", told));
    }
    let left: usize = runs.iter().map(|run| run.summary.left_behind.len()).sum();
    if left > 0 {
        let told = format!("{left} objects could not be removed from the server; rehearsal cleanup may.");
        risks.push(risk("Objects were left behind", told));
    }
    risks
}

fn risk(title: &str, told: String) -> Risk {
    Risk { title: title.to_owned(), told }
}

struct Dispute {
    title: &'static str,
    told: &'static str,
    touches: fn(&Manifest) -> bool,
}

/// What Okta's guides say in two ways.
const DISPUTES: &[Dispute] = &[
    Dispute {
        title: "How a profile is updated",
        told: "The questions and answers say by PATCH, the protocol reference by GET and PUT, and the Wizard lets you \
               choose. Be ready for both; cases of each kind of app say which one works.",
        touches: |manifest| manifest.claims_user("update") || manifest.claims_user("patch"),
    },
    Dispute {
        title: "How many tenant settings there may be",
        told: "The prerequisites allow three, the Wizard's guide eight.",
        touches: |manifest| manifest.says.tenant_setting.len() > 3,
    },
    Dispute {
        title: "Basic authentication",
        told: "The guides for private apps describe it, the Wizard refuses it.",
        touches: |manifest| manifest.says.auth.as_ref().is_some_and(|auth| auth.mode.get_ref() == "basic"),
    },
    Dispute {
        title: "Who reads /Schemas and /ResourceTypes",
        told: "The questions and answers say that they matter for entitlements alone, yet importing the user schema \
               reads them for any app.",
        touches: |manifest| manifest.claims_user("import-schema") || !manifest.says.entitlement.is_empty(),
    },
    Dispute {
        title: "Whether users are ever deleted",
        told: "The guides say that Okta only deactivates, yet its list of events has the deletion of app users. Be sure \
               that DELETE /Users does what you want.",
        touches: |manifest| manifest.claims_user("deactivate"),
    },
    Dispute {
        title: "What a lookup without a match is answered",
        told: "The protocol reference tolerates 404, the SPEC file demands 200 with an empty list. Answer 200.",
        touches: |_| true,
    },
    Dispute {
        title: "The headings of the configuration guide",
        told: "The test plan and the prerequisites ask for different headings. Have the union: prerequisites, supported \
               features, configuration steps, attributes and mapping, known issues.",
        touches: |_| true,
    },
    Dispute {
        title: "Profile sourcing",
        told: "The test plan has rows for it, the Wizard does not offer it; those rows do not apply here.",
        touches: |_| true,
    },
    Dispute {
        title: "Which attributes are the core ones",
        told: "One list has emails and leaves active out, another is the other way round. Take both.",
        touches: |_| true,
    },
];
