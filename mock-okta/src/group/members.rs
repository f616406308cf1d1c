//! Membership on its way out: what changes, in which form, in how many requests. Not the bytes.

use serde::Serialize;

use super::Member;
use crate::{App, ScimVersion};

/// How a PATCH of an app writes a membership in SCIM 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MembersForm {
    /// `"path":"members"`, with removals and additions apart (Okta SCIM 2.0 protocol reference, "Update
    /// specific Group membership").
    #[default]
    Path,
    /// No `path`: every change replaces the whole membership with `{"members":[{"value":"…"}]}`.
    /// Captured in <https://github.com/Metatavu/keycloak-scim-server/issues/100>, not documented.
    Pathless,
    /// No `path`, and the group's id and name beside the members, so that no separate request carries
    /// the name. Captured in <https://github.com/jelhub/scimgateway/issues/113>, not documented.
    PathlessWithName,
}

impl MembersForm {
    /// Returns the form an app uses; SCIM 1.1 has none without a path, because it has no paths.
    pub(super) fn of(app: &App) -> MembersForm {
        match app.version {
            ScimVersion::V2 => app.members_form,
            ScimVersion::V1_1 => MembersForm::Path,
        }
    }
}

/// One change of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Remove(Member),
    Add(Member),
}

impl Change {
    pub(super) fn member(&self) -> &Member {
        let (Change::Remove(member) | Change::Add(member)) = self;
        member
    }
}

/// What one request tells the service provider about a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Membership {
    /// Exactly these are the members.
    Whole(Vec<Member>),
    /// These changes, removals first.
    Changed(Vec<Change>),
}

impl Membership {
    /// Returns a change of the membership, removals first as in the protocol reference's sample.
    pub(super) fn changed(add: &[Member], remove: &[Member]) -> Membership {
        let removals = remove.iter().cloned().map(Change::Remove);
        let additions = add.iter().cloned().map(Change::Add);
        Membership::Changed(removals.chain(additions).collect())
    }

    /// Returns the membership in the parts that single PATCH requests carry.
    ///
    /// A part holds at most [`App::group_batch`] changes. That a full push is cut as well, into one
    /// `replace` and further `add`s, is inferred: the sources count "membership changes" only. A
    /// path-less replacement cannot be cut.
    pub(super) fn batches(self, app: &App, pushed: &[Member]) -> Vec<Membership> {
        let batch = app.group_batch.max(1);
        match (self, MembersForm::of(app)) {
            (Membership::Whole(members), MembersForm::Path) => in_additions(members, batch),
            (Membership::Changed(changes), MembersForm::Path) => {
                changes.chunks(batch).map(|changes| Membership::Changed(changes.to_vec())).collect()
            }
            (Membership::Whole(members), _) => vec![Membership::Whole(members)],
            (Membership::Changed(changes), _) => vec![Membership::Whole(after(pushed, &changes))],
        }
    }
}

fn in_additions(members: Vec<Member>, batch: usize) -> Vec<Membership> {
    let (first, rest) = members.split_at(batch.min(members.len()));
    let rest = rest.chunks(batch).map(|members| Membership::changed(members, &[]));
    std::iter::once(Membership::Whole(first.to_vec())).chain(rest).collect()
}

fn after(pushed: &[Member], changes: &[Change]) -> Vec<Member> {
    let mut members = pushed.to_vec();
    apply(changes, &mut members);
    members
}

/// Changes a list of members one by one, as a service provider does.
pub(super) fn apply<M: Entry>(changes: &[Change], members: &mut Vec<M>) {
    for change in changes {
        let place = members.iter().position(|member| member.id() == change.member().remote_id);
        match (change, place) {
            (Change::Add(member), Some(place)) => members[place] = M::from(member.clone()),
            (Change::Add(member), None) => members.push(M::from(member.clone())),
            (Change::Remove(_), Some(place)) => drop(members.remove(place)),
            (Change::Remove(_), None) => (),
        }
    }
}

/// One entry of a list of members: one of Okta's, or one as the service provider holds it.
pub(super) trait Entry: From<Member> {
    fn id(&self) -> &str;
}

impl Entry for Member {
    fn id(&self) -> &str {
        &self.remote_id
    }
}

/// A member in a PUT, where those whom Okta does not know stay as the service provider returned them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Held {
    pub(super) value: String,
    /// Nothing is written as `null`, which <https://github.com/jelhub/scimgateway/issues/95> shows.
    pub(super) display: Option<String>,
}

impl Entry for Held {
    fn id(&self) -> &str {
        &self.value
    }
}

impl From<Member> for Held {
    fn from(member: Member) -> Held {
        Held { value: member.remote_id, display: Some(member.user_name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AppKind;

    fn crew(size: usize) -> Vec<Member> {
        (0..size).map(|at| Member::new(at.to_string(), format!("member{at}@example.test"))).collect()
    }

    fn sizes(batches: &[Membership]) -> Vec<usize> {
        let size = |batch: &Membership| match batch {
            Membership::Whole(members) => members.len(),
            Membership::Changed(changes) => changes.len(),
        };
        batches.iter().map(size).collect()
    }

    fn app(group_batch: usize, members_form: MembersForm) -> App {
        App { group_batch, members_form, ..App::new(AppKind::Catalog) }
    }

    #[test]
    fn changes_go_out_in_as_few_batches_as_the_size_allows() {
        for (changes, batch, expected) in [
            (1, 100, vec![1]),
            (100, 100, vec![100]),
            (101, 100, vec![100, 1]),
            (250, 100, vec![100, 100, 50]),
            (2, 0, vec![1, 1]),
        ] {
            let membership = Membership::changed(&crew(changes), &[]);
            assert_eq!(
                sizes(&membership.batches(&app(batch, MembersForm::Path), &[])),
                expected,
                "{changes} by {batch}"
            );
        }
    }

    #[test]
    fn removals_come_before_additions_across_batches() {
        let members = crew(4);
        let batches = Membership::changed(&members[..2], &members[2..]).batches(&app(3, MembersForm::Path), &[]);
        let [Membership::Changed(first), Membership::Changed(second)] = &batches[..] else { panic!("{batches:?}") };
        assert!(matches!(first[..], [Change::Remove(_), Change::Remove(_), Change::Add(_)]));
        assert!(matches!(second[..], [Change::Add(_)]));
    }

    #[test]
    fn a_full_push_replaces_with_its_first_batch_only() {
        let batches = Membership::Whole(crew(5)).batches(&app(2, MembersForm::Path), &[]);
        assert_eq!(sizes(&batches), [2, 2, 1]);
        let wholes = batches.iter().filter(|batch| matches!(batch, Membership::Whole(_))).count();
        assert_eq!(wholes, 1);
        assert_eq!(Membership::Whole(vec![]).batches(&app(2, MembersForm::Path), &[]), [Membership::Whole(vec![])]);
    }

    #[test]
    fn a_pathless_change_is_the_whole_membership_at_once() {
        let members = crew(5);
        let batches =
            Membership::changed(&members[4..], &members[..1]).batches(&app(2, MembersForm::Pathless), &members[..4]);
        assert_eq!(batches, [Membership::Whole(members[1..].to_vec())]);
    }
}
