//! What would be ticked in the Wizard, against what the server showed.

use super::judge::{Asked, Shown};
use super::manifest::Manifest;
use rehearsal_reports::readiness::{Claim, Operation, Standing};
use scim_record::CaseRecord;

/// An operation, and the cases that show it.
struct Known {
    name: &'static str,
    /// Whether a manifest claims it.
    claimed: fn(&Manifest) -> bool,
    /// Sources that the cases name.
    refs: &'static [&'static str],
}

/// Returns the matrix.
pub(crate) fn operations(shown: &Shown<'_>, manifest: Option<&Manifest>) -> Vec<Operation> {
    let mut operations: Vec<Operation> = KNOWN
        .iter()
        .map(|known| {
            let is = |case: &CaseRecord| {
                !case.suite.starts_with("lifecycle/") && case.refs.iter().any(|it| known.refs.contains(&it.id.as_str()))
            };
            let row = shown.row(&asked(known.name), is);
            operation(known.name, manifest.map(known.claimed), row.standing, row.told)
        })
        .collect();
    // Only the Wizard's kind of app sends it, so it counts whatever is claimed.
    let by_patch = shown.cases().filter(|(_, case)| case.app.as_deref() == Some("wizard") && is_profile_by_patch(case));
    let row = shown.judged(&asked("users / PATCH for the profile"), by_patch.collect());
    let claimed = manifest.map(|manifest| manifest.claims_user("patch"));
    operations.insert(PATCH_PLACE, operation(&row.title, claimed, row.standing, row.told));
    operations
}

fn asked(name: &'static str) -> Asked<'static> {
    Asked { id: name, title: name, expected: Vec::new() }
}

fn is_profile_by_patch(case: &CaseRecord) -> bool {
    case.id.ends_with("-wizard") || case.id == "okta/attributes/profile-by-patch"
}

fn operation(name: &str, claimed: Option<bool>, standing: Standing, told: String) -> Operation {
    let finding = match (claimed, standing) {
        (Some(true), Standing::Proven) => Claim::ClaimedAndWorks,
        (Some(true), Standing::Failed) => Claim::ClaimedAndFails,
        // Claimed, and the server says itself that it does not do it.
        (Some(true), Standing::DoesNotApply) => Claim::ClaimedAndFails,
        (Some(true), _) => Claim::ClaimedAndUnproven,
        (Some(false), Standing::Proven) => Claim::UnclaimedAndWorks,
        (Some(false), _) => Claim::NotClaimed,
        (None, Standing::Proven) => Claim::Works,
        (None, Standing::Failed) => Claim::Fails,
        (None, Standing::DoesNotApply) => Claim::NotClaimed,
        (None, _) => Claim::Unproven,
    };
    Operation { name: name.to_owned(), claimed, finding, told }
}

const KNOWN: &[Known] = &[
    Known { name: "users / create", claimed: |_| true, refs: &["C9290"] },
    Known { name: "users / read", claimed: |_| true, refs: &["okta/spec-1", "okta/spec-2", "okta/spec-7"] },
    Known { name: "users / import", claimed: |_| true, refs: &["C9304", "C9305"] },
    Known { name: "users / update", claimed: |it| it.claims_user("update"), refs: &["C9291"] },
    Known { name: "users / deactivate", claimed: |it| it.claims_user("deactivate"), refs: &["C9292"] },
    Known { name: "users / change password", claimed: |it| it.claims_user("change-password"), refs: &["C9301"] },
    Known { name: "users / import schema", claimed: |it| it.claims_user("import-schema"), refs: &["C9390"] },
    Known { name: "groups / create", claimed: |it| it.claims_group("create"), refs: &["C9312"] },
    Known { name: "groups / read and import", claimed: |it| !it.says.scim.groups.is_empty(), refs: &["C9338"] },
    Known { name: "groups / update", claimed: |it| it.claims_group("update"), refs: &["C9332", "C9333"] },
    Known { name: "groups / delete", claimed: |it| it.claims_group("delete"), refs: &["C9318"] },
    Known { name: "entitlements", claimed: |it| !it.says.entitlement.is_empty(), refs: &["C9370", "C9371"] },
];
const PATCH_PLACE: usize = 6;
