//! The flow of one event of a pushed group: requests out, decided by the answers. How requests and texts
//! look in detail is decided elsewhere.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::answer::{self, Found};
use super::members::{self, Held, Membership};
use super::message::{Doing, not_pushed};
use super::request::{self, verb};
use super::{GroupEvent, Mapping, MappingStatus, Member, MembersForm};
use crate::answer::{Unusable, read};
use crate::message::{done, jackson, refusal};
use crate::retry::Retries;
use crate::{App, Outcome, Request, Response, Step, Verb};

/// One event of a pushed group on its way through Okta.
///
/// A flow never panics on an answer and sends at most four requests besides those that carry a batch of
/// membership changes, repetitions after a [`Step::Wait`] not counted.
#[derive(Debug, Clone)]
pub struct GroupFlow {
    app: App,
    mapping: Mapping,
    event: GroupEvent,
    awaits: Awaits,
    /// What is still to be written to the linked group, in this order.
    writes: VecDeque<Write>,
    reason: Option<String>,
    retries: Retries,
}

/// The answer a flow waits for.
#[derive(Debug, Clone)]
enum Awaits {
    Lookup,
    Creation,
    Reading(Write),
    Writing(Write),
    Deletion,
    Nothing(Outcome),
}

/// One request that changes the linked group.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Write {
    Name,
    Members(Membership),
}

impl Write {
    fn doing(&self) -> Doing {
        match self {
            Write::Name => Doing::Renaming,
            Write::Members(_) => Doing::ChangingMembers,
        }
    }
}

impl GroupFlow {
    /// Starts the flow of an event and returns its first step.
    pub fn start(app: &App, mapping: &Mapping, event: &GroupEvent) -> (GroupFlow, Step) {
        let mut flow = GroupFlow {
            app: app.clone(),
            mapping: mapping.clone(),
            event: event.clone(),
            awaits: Awaits::Nothing(done("")),
            writes: VecDeque::new(),
            reason: None,
            retries: Retries::default(),
        };
        let step = flow.first();
        (flow, step)
    }

    /// Takes the answer to the request sent last and returns the next step.
    ///
    /// A flow that is over returns its outcome again.
    pub fn next(&mut self, response: Response) -> Step {
        let awaits = self.awaits.clone();
        if let Awaits::Nothing(outcome) = awaits {
            return Step::Done(outcome);
        }
        if let Some(wait) = self.retries.pause(&response) {
            return wait;
        }
        match awaits {
            Awaits::Lookup => self.after_lookup(&response),
            Awaits::Creation => self.after_creation(&response),
            Awaits::Reading(write) => self.after_reading(write, &response),
            Awaits::Writing(write) => self.after_writing(write, &response),
            Awaits::Deletion => self.after_deletion(&response),
            Awaits::Nothing(outcome) => Step::Done(outcome),
        }
    }

    /// Goes on after a [`Step::Wait`]: the request that was put off is sent again.
    ///
    /// A flow that is over returns its outcome again.
    pub fn resume(&mut self) -> Step {
        match &self.awaits {
            Awaits::Nothing(outcome) => Step::Done(outcome.clone()),
            _ => self.retries.resume(),
        }
    }

    /// Returns the mapping as Okta knows it at this point.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Returns, in our words, why Okta stopped, where its own text does not tell.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    fn first(&mut self) -> Step {
        match self.event.clone() {
            GroupEvent::PushNow(_) if self.mapping.status == MappingStatus::Inactive => self.held_back(),
            GroupEvent::Push(members) | GroupEvent::PushNow(members) | GroupEvent::ActivatePush(members) => {
                self.push(members)
            }
            GroupEvent::Link(members) | GroupEvent::Relink(members) => self.link(&members),
            GroupEvent::Rename(name) => self.rename(name),
            GroupEvent::ChangeMembers { add, remove } => self.change_members(&add, &remove),
            GroupEvent::DeactivatePush => {
                self.mapping.status = MappingStatus::Inactive;
                self.silently("Okta keeps the deactivation of a push to itself")
            }
            GroupEvent::Unlink { delete } => self.unlink(delete),
        }
    }

    /// A first push creates; any other replaces all members.
    ///
    /// Okta SCIM 2.0 protocol reference, "Update specific Group membership", and OIN test plan C9316: a
    /// full push overwrites what the service provider holds. That activation is such a push is inferred:
    /// C9320 says only that the members follow at once.
    fn push(&mut self, members: Vec<Member>) -> Step {
        self.mapping.activate();
        match self.mapping.remote_id {
            None => self.create(),
            Some(_) => self.change(Some(Membership::Whole(members))),
        }
    }

    /// Two readings: members whom only the service provider knows stay (OIN test plan C9322 for a relink,
    /// <https://help.getguru.com/en/articles/4680475-okta-push-groups-setup-instructions> for a link), or a
    /// full push overwrites them. We trust the former, so a link adds.
    fn link(&mut self, members: &[Member]) -> Step {
        self.mapping.activate();
        match self.mapping.remote_id {
            // Okta knows the groups it has imported.
            Some(_) => self.linked(members),
            None => self.send(Awaits::Lookup, request::lookup(&self.app, &self.mapping.target_name)),
        }
    }

    fn linked(&mut self, members: &[Member]) -> Step {
        let added = (!members.is_empty()).then(|| Membership::changed(members, &[]));
        self.change(added)
    }

    fn rename(&mut self, name: String) -> Step {
        self.mapping.group.name = name;
        match self.mapping.status {
            MappingStatus::Active if !self.app.rename_groups => {
                self.silently("Rename app groups to match group name in Okta is off")
            }
            MappingStatus::Active => self.change(None),
            _ => self.held_back(),
        }
    }

    fn change_members(&mut self, add: &[Member], remove: &[Member]) -> Step {
        match self.mapping.status {
            MappingStatus::Active if add.is_empty() && remove.is_empty() => self.silently("no member came or went"),
            MappingStatus::Active => self.change(Some(Membership::changed(add, remove))),
            _ => self.held_back(),
        }
    }

    fn unlink(&mut self, delete: bool) -> Step {
        match &self.mapping.remote_id {
            Some(id) if delete => {
                let request = request::delete(&self.app, id);
                self.send(Awaits::Deletion, request)
            }
            Some(_) => {
                self.mapping.unlink();
                self.silently("the group stays at the service provider")
            }
            None => {
                self.mapping.unlink();
                self.silently("no group of the service provider is linked")
            }
        }
    }

    fn create(&mut self) -> Step {
        let request = request::create(&self.app, &self.mapping.group, self.name());
        self.send(Awaits::Creation, request)
    }

    /// Not found is not failed: the Okta Management API documents of a mapping by name that it links to an
    /// existing group and else creates one. 404 is read as it is for users.
    fn after_lookup(&mut self, response: &Response) -> Step {
        if response.status == 404 {
            return self.create();
        }
        if !response.is_success() {
            return self.failed(Doing::Verifying, &refusal(response));
        }
        match answer::looked_up(response, &self.mapping.target_name) {
            Ok(Found::Nothing) => self.create(),
            Ok(Found::Group { id, name }) => {
                self.mapping.remote_id = Some(id);
                self.mapping.target_name = name;
                let members = self.members();
                self.linked(&members)
            }
            Err(why) => self.unusable(Doing::Verifying, why, response),
        }
    }

    fn after_creation(&mut self, response: &Response) -> Step {
        if !response.is_success() {
            return self.failed(Doing::Creating, &refusal(response));
        }
        match answer::created(response) {
            Ok(id) => {
                self.mapping.remote_id = Some(id);
                self.mapping.target_name = self.name().to_owned();
                self.created()
            }
            Err(why) => self.unusable(Doing::Creating, why, response),
        }
    }

    /// What follows a create at once: the name again and the members, together in a PUT
    /// (<https://github.com/simpleidserver/SimpleIdServer/issues/247>), apart in PATCH requests
    /// (<https://github.com/Metatavu/keycloak-scim-server/pull/113>,
    /// <https://github.com/jelhub/scimgateway/issues/112>).
    ///
    /// Two readings of the members' PATCH: `replace`, as in a full push
    /// (<https://github.com/Captain-P-Goldfish/scim-for-keycloak/issues/144>), or `add`; we trust the former.
    /// That a group without members is spared it is inferred from the group being empty already; the
    /// captured PUT is sent with an empty list.
    fn created(&mut self) -> Step {
        let members = Membership::Whole(self.members());
        self.writes = match verb(&self.app) {
            Verb::Put => [Write::Members(members)].into(),
            Verb::Patch if members == Membership::Whole(Vec::new()) => [Write::Name].into(),
            Verb::Patch => std::iter::once(Write::Name).chain(self.batches(members)).collect(),
        };
        self.next_write()
    }

    /// Plans the requests that change the members, the name, or both, of the linked group.
    fn change(&mut self, membership: Option<Membership>) -> Step {
        if self.mapping.remote_id.is_none() {
            return self.without_group(membership);
        }
        let beside = membership.is_some() && MembersForm::of(&self.app) == MembersForm::PathlessWithName;
        let name = self.app.rename_groups.then_some(Write::Name);
        self.writes = match (verb(&self.app), membership) {
            (Verb::Put, Some(membership)) => [Write::Members(membership)].into(),
            (Verb::Patch, Some(membership)) => {
                name.filter(|_| !beside).into_iter().chain(self.batches(membership)).collect()
            }
            (_, None) => name.into_iter().collect(),
        };
        self.next_write()
    }

    fn batches(&self, membership: Membership) -> impl Iterator<Item = Write> + use<> {
        membership.batches(&self.app, &self.mapping.pushed).into_iter().map(Write::Members)
    }

    fn without_group(&mut self, membership: Option<Membership>) -> Step {
        let doing = membership.map_or(Doing::Renaming, |_| Doing::ChangingMembers);
        let why = "no group of the service provider is linked";
        self.reason = Some(why.to_owned());
        self.failed(doing, why)
    }

    fn next_write(&mut self) -> Step {
        let Some(write) = self.writes.pop_front() else {
            return self.all_written();
        };
        match verb(&self.app) {
            Verb::Patch => self.patch(write),
            // The older developer.okta.com/reference/scim page, "Update Group Details: PUT".
            Verb::Put => {
                let request = request::read(&self.app, self.remote_id());
                self.send(Awaits::Reading(write), request)
            }
        }
    }

    fn patch(&mut self, write: Write) -> Step {
        let (app, id) = (&self.app, self.remote_id());
        let request = match &write {
            Write::Name => request::rename(app, id, self.name()),
            Write::Members(Membership::Whole(members)) => request::replace_members(app, id, self.name(), members),
            Write::Members(Membership::Changed(changes)) => request::change_members(app, id, changes),
        };
        self.send(Awaits::Writing(write), request)
    }

    fn after_reading(&mut self, write: Write, response: &Response) -> Step {
        if !response.is_success() {
            return self.failed(write.doing(), &refusal(response));
        }
        match read(response) {
            Ok(group) => self.put(write, &group),
            Err(why) => self.unusable(write.doing(), why, response),
        }
    }

    /// Two readings of the members in a PUT: those the service provider returned with the change (the older
    /// developer.okta.com/reference/scim page: only what needs updating is changed), or all of Okta's. We
    /// trust the former, which the `display` of `null` in <https://github.com/jelhub/scimgateway/issues/95>
    /// speaks for. The same rule decides the name where Okta is not to change it.
    fn put(&mut self, write: Write, group: &Map<String, Value>) -> Step {
        let name = match self.app.rename_groups {
            true => self.name(),
            false => answer::name(group).unwrap_or(&self.mapping.target_name),
        };
        let request = request::put(&self.app, self.remote_id(), name, &self.held(&write, group));
        self.send(Awaits::Writing(write), request)
    }

    fn held(&self, write: &Write, group: &Map<String, Value>) -> Vec<Held> {
        let mut held = answer::members(group, &self.mapping.pushed);
        match write {
            Write::Name => held,
            Write::Members(Membership::Whole(members)) => members.iter().cloned().map(Held::from).collect(),
            Write::Members(Membership::Changed(changes)) => {
                members::apply(changes, &mut held);
                held
            }
        }
    }

    /// Any success will do, with or without a body: the protocol reference allows 204, and its sample
    /// returns a name that was not sent. A refusal is final; no other method is tried.
    fn after_writing(&mut self, write: Write, response: &Response) -> Step {
        if !response.is_success() {
            return self.failed(write.doing(), &refusal(response));
        }
        self.mapping.target_name = self.name().to_owned();
        if let Write::Members(membership) = write {
            self.mapping.told(membership);
        }
        self.next_write()
    }

    /// A group that is gone is an error too: Okta help, "Troubleshooting Group Push", has it unlinked and
    /// *left*, imported and linked again, and nothing says that Okta creates it anew.
    fn after_deletion(&mut self, response: &Response) -> Step {
        if !response.is_success() {
            return self.failed(Doing::Deleting, &refusal(response));
        }
        self.mapping.unlink();
        self.end(done("the group was deleted at the service provider"))
    }

    fn all_written(&mut self) -> Step {
        let message = match &self.event {
            GroupEvent::Push(_) => "the group was pushed",
            GroupEvent::Link(_) | GroupEvent::Relink(_) => "the group was linked",
            GroupEvent::Rename(_) => "the group was renamed",
            GroupEvent::ChangeMembers { .. } => "the change of the membership was pushed",
            _ => "the membership was pushed",
        };
        self.end(done(message))
    }

    /// All members the group has, as far as the event tells.
    fn members(&self) -> Vec<Member> {
        match &self.event {
            GroupEvent::Push(members)
            | GroupEvent::Link(members)
            | GroupEvent::Relink(members)
            | GroupEvent::PushNow(members)
            | GroupEvent::ActivatePush(members) => members.clone(),
            _ => Vec::new(),
        }
    }

    /// The name Okta wants the group of the service provider to have.
    fn name(&self) -> &str {
        match self.app.rename_groups {
            true => &self.mapping.group.name,
            false => &self.mapping.target_name,
        }
    }

    fn remote_id(&self) -> &str {
        self.mapping.remote_id.as_deref().unwrap_or_default()
    }

    fn held_back(&mut self) -> Step {
        match self.mapping.status {
            MappingStatus::Error => self.silently("the last push failed, and the group was not pushed again since"),
            _ => self.silently("the push is not active"),
        }
    }

    fn silently(&mut self, why: &str) -> Step {
        self.end(done(format!("nothing is sent: {why}")))
    }

    fn unusable(&mut self, doing: Doing, Unusable(why): Unusable, response: &Response) -> Step {
        let okta = jackson(&response.body).unwrap_or_else(|| why.clone());
        self.reason = Some(why);
        self.failed(doing, &okta)
    }

    fn failed(&mut self, doing: Doing, why: &str) -> Step {
        let message = not_pushed(&self.mapping.target_name, doing, why);
        self.mapping.failed(&message);
        self.end(Outcome::Task { message })
    }

    fn send(&mut self, awaits: Awaits, request: Request) -> Step {
        self.awaits = awaits;
        self.retries.send(request)
    }

    fn end(&mut self, outcome: Outcome) -> Step {
        self.awaits = Awaits::Nothing(outcome.clone());
        Step::Done(outcome)
    }
}
