//! The flows: one event in, requests out, decided by the answers. How requests and texts look in detail
//! is decided elsewhere.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use crate::answer::{self, Found, NotCreated, Unusable};
use crate::dialect::{self, Dialect, Verb};
use crate::retry::Retries;
use crate::{
    App, AppUser, AppUserStatus, Applies, Event, Outcome, Request, Response, ScimVersion, Step, UnknownProfileKey,
};
use crate::{body, mapping, message, target, v11};

/// One event on its way through Okta.
///
/// A flow never panics on an answer. It makes at most five requests, each ten times at most.
#[derive(Debug, Clone)]
pub struct Flow {
    app: App,
    user: AppUser,
    event: Event,
    awaits: Awaits,
    /// What is still to be changed on the linked user, in this order.
    changes: VecDeque<Change>,
    reason: Option<String>,
    retries: Retries,
    /// Whether the create was sent a second time.
    repeated: bool,
}

/// The answer a flow waits for.
#[derive(Debug, Clone)]
enum Awaits {
    Users,
    Groups,
    Lookup,
    Creation,
    Reading(Change),
    Writing(Change),
    /// The time to pass before a deletion.
    Deletion,
    Nothing(Outcome),
}

/// One change of an existing user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Active(bool),
    Profile,
    /// The profile of a user who was found, in place of all the service provider holds; SCIM 1.1.
    Found,
    /// The password of the event.
    Password,
    Deletion,
}

impl Flow {
    /// Starts the flow of an event and returns its first step.
    ///
    /// An update with a key no profile has ends in a task that names the key, in our words.
    pub fn start(app: &App, user: &AppUser, event: &Event) -> (Flow, Step) {
        let mut flow = Flow {
            app: app.clone(),
            user: user.clone(),
            event: event.clone(),
            awaits: Awaits::Nothing(message::done("")),
            changes: VecDeque::new(),
            reason: None,
            retries: Retries::default(),
            repeated: false,
        };
        let step = flow.first();
        (flow, step)
    }

    /// Takes the answer to the request sent last and returns the next step.
    ///
    /// A flow that is over returns its outcome again.
    pub fn next(&mut self, response: Response) -> Step {
        // Understanding SCIM, rate limits: what is put off are provisioning, profile sync, group push and
        // import. The test of the credentials is not in the list, and somebody looks at it.
        if self.event != Event::Connect
            && let Some(wait) = self.retries.pause(&response)
        {
            return wait;
        }
        match self.awaits.clone() {
            Awaits::Users => self.after_users(&response),
            Awaits::Groups => self.verified(),
            Awaits::Lookup => self.after_lookup(&response),
            Awaits::Creation => self.after_creation(&response),
            Awaits::Reading(change) => self.after_reading(change, &response),
            Awaits::Writing(change) => self.after_writing(change, &response),
            Awaits::Deletion => self.delete(),
            Awaits::Nothing(outcome) => Step::Done(outcome),
        }
    }

    /// Goes on after a [`Step::Wait`]: the request that was put off is sent, or sent again.
    ///
    /// A flow that is over returns its outcome again.
    pub fn resume(&mut self) -> Step {
        match &self.awaits {
            Awaits::Nothing(outcome) => Step::Done(outcome.clone()),
            Awaits::Deletion => self.delete(),
            _ => self.retries.resume(),
        }
    }

    /// Goes on after a request which nothing came back for, within the minute Okta gives a connection.
    ///
    /// A create is sent once more, for which the evidence stands at [`App::loses_create_answer`]; anything
    /// else ends in a task, for no source speaks of another attempt.
    pub fn timed_out(&mut self) -> Step {
        match self.awaits {
            Awaits::Creation if !self.repeated => self.repeat(),
            _ => self.next(message::no_answer()),
        }
    }

    /// Returns the app user as Okta knows them at this point.
    pub fn user(&self) -> &AppUser {
        &self.user
    }

    /// Returns, in our words, why Okta stopped, where its own text does not tell.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    fn first(&mut self) -> Step {
        match self.event.clone() {
            Event::Connect => self.get(Awaits::Users, dialect::PROBE_USERS),
            // Inside Okta a re-assignment starts as an assignment does: by looking for the user
            // (Okta provisioning flow charts, create; reported in https://github.com/growthbook/growthbook/pull/1680).
            Event::Assign | Event::Reactivate => self.get(Awaits::Lookup, &target::lookup(&self.user.profile.login)),
            Event::Update(changes) => self.update(&changes),
            Event::Deactivate | Event::Unassign => self.deprovision(),
            // Okta SCIM 2.0 protocol reference, PATCH: suspensions are not sent. Okta SCIM FAQ: users are
            // never deleted.
            Event::Suspend => self.silently(AppUserStatus::Suspended),
            Event::Unsuspend => self.silently(AppUserStatus::Provisioned),
            Event::Delete => {
                self.user.remote_id = None;
                self.silently(AppUserStatus::Deprovisioned)
            }
            Event::SyncPassword(_) if !self.app.push.password => {
                self.end(message::done("nothing is sent: Sync Password is off"))
            }
            Event::SyncPassword(_) => self.change([Change::Password]),
            Event::ForceSync => self.push(),
        }
    }

    fn update(&mut self, changes: &[(String, String)]) -> Step {
        for (key, value) in changes {
            if let Err(unknown) = self.set(key, value) {
                return self.end(message::not_pushed(unknown.to_string()));
            }
        }
        // Nothing in the app's profile changes, so there is nothing to push; inferred.
        if !changes.is_empty() && changes.iter().all(|(key, _)| self.app.attribute(key).is_none()) {
            return self.end(message::done("nothing is sent: the app has no such attribute"));
        }
        self.push()
    }

    /// Takes a value over into the app's profile, if the attribute's mapping applies.
    fn set(&mut self, key: &str, value: &str) -> Result<(), UnknownProfileKey> {
        let Some(attribute) = self.app.attribute(key) else { return self.user.profile.set(key, value) };
        let was_created = self.user.remote_id.is_some();
        match attribute.applies() {
            Applies::Never => (),
            Applies::CreateOnly if was_created => (),
            Applies::Always | Applies::CreateOnly => self.user.profile.add(key, value),
        }
        Ok(())
    }

    fn push(&mut self) -> Step {
        if !self.app.push.update {
            return self.end(message::done("nothing is sent: Update User Attributes is off"));
        }
        self.change([Change::Profile])
    }

    fn deprovision(&mut self) -> Step {
        let deactivation = self.app.push.deactivate.then_some(Change::Active(false));
        let deletion = self.deletes().then_some(Change::Deletion);
        if deactivation.is_none() && deletion.is_none() {
            self.deprovisioned();
            return self.end(message::done("nothing is sent: Deactivate Users is off"));
        }
        self.change(deactivation.into_iter().chain(deletion))
    }

    fn silently(&mut self, status: AppUserStatus) -> Step {
        self.user.status = status;
        self.end(message::done(format!("nothing is sent for {}: Okta keeps it to itself", self.event.name())))
    }

    fn deletes(&self) -> bool {
        self.event == Event::Unassign && self.app.granular_deprovisioning.is_some()
    }

    fn after_users(&mut self, response: &Response) -> Step {
        if !response.is_success() {
            return self.end(message::credentials_refused(response));
        }
        match answer::probed(response) {
            Err(why) => self.stop(why, message::no_users()),
            Ok(()) if self.app.probe_groups => self.get(Awaits::Groups, dialect::PROBE_GROUPS),
            Ok(()) => self.verified(),
        }
    }

    /// The banner which vendors' set-up guides show.
    fn verified(&mut self) -> Step {
        self.end(message::done(format!("{} was verified successfully!", self.app.label)))
    }

    fn after_lookup(&mut self, response: &Response) -> Step {
        // Okta SCIM 2.0 protocol reference: 404 with an Error is another way to say that there is nobody.
        if response.status == 404 {
            return self.create();
        }
        if !response.is_success() {
            return self.not_provisioned(&message::while_verifying(&self.user, &message::refusal(response)));
        }
        match answer::looked_up(response, &self.user.profile.login) {
            Ok(Found::Nobody) => self.create(),
            Ok(Found::User { id, active }) => self.link(id, active),
            Err(why) => {
                self.reason = Some(why.0);
                self.not_provisioned(message::NO_MATCH)
            }
        }
    }

    fn create(&mut self) -> Step {
        if !self.app.push.create {
            self.reason = Some("the user is not there and Create Users is off".to_owned());
            return self.not_provisioned(message::NO_MATCH);
        }
        let body = body::create(&self.app, &self.user);
        self.send(Awaits::Creation, "POST", "/Users".to_owned(), Some(body))
    }

    /// Sends the create again, as though for the first time.
    fn repeat(&mut self) -> Step {
        self.repeated = true;
        self.create()
    }

    /// Links to a user who is there already: activation first, then the profile.
    ///
    /// Readings: the Okta provisioning flow charts and the capture
    /// <https://devforum.okta.com/t/scim-provisioning-fails-due-to-incorrect-search-filter/27262> have both
    /// requests, whether or not the user was active; the SCIM 1.1 protocol reference has one PUT with
    /// everything. We follow the charts, but for SCIM 1.1.
    fn link(&mut self, id: String, active: bool) -> Step {
        self.user.remote_id = Some(id);
        if !active && !self.app.push.deactivate {
            return self.not_provisioned(message::INACTIVE);
        }
        let (activates, profile) = match self.app.version {
            ScimVersion::V2 => (self.app.push.deactivate, Change::Profile),
            ScimVersion::V1_1 => (v11::user::is_activated_apart(&self.app, active), Change::Found),
        };
        let activation = activates.then_some(Change::Active(true));
        let profile = self.app.push.update.then_some(profile);
        self.change(activation.into_iter().chain(profile))
    }

    fn after_creation(&mut self, response: &Response) -> Step {
        if self.app.loses_create_answer && !self.repeated {
            return self.repeat();
        }
        let why = if !response.is_success() {
            message::refusal(response)
        } else {
            match answer::created(response) {
                Ok(id) => {
                    self.user.remote_id = Some(id);
                    self.user.status = AppUserStatus::Provisioned;
                    return self.end(message::done("Push new user to external application: SUCCESS"));
                }
                Err(NotCreated::Empty(why)) => {
                    self.reason = Some(why.0);
                    message::EMPTY_USER.to_owned()
                }
                Err(NotCreated::WithoutSchemas) => message::NO_SCHEMAS.to_owned(),
                Err(NotCreated::NotJson(why)) => why,
            }
        };
        self.not_provisioned(&message::while_creating(&self.user, &why))
    }

    fn change(&mut self, changes: impl IntoIterator<Item = Change>) -> Step {
        self.changes = changes.into_iter().collect();
        self.next_change()
    }

    fn next_change(&mut self) -> Step {
        let Some(change) = self.changes.pop_front() else {
            return self.all_changed();
        };
        let Some(id) = &self.user.remote_id else {
            self.reason = Some("no user of the service provider is linked".to_owned());
            return self.failed(change, message::NO_MATCH);
        };
        if change == Change::Deletion {
            return self.put_off_deletion();
        }
        let reads = self.verb(change) == Verb::Put || self.app.read_before_patch;
        if reads && change != Change::Found {
            let target = target::user(id);
            return self.get(Awaits::Reading(change), &target);
        }
        self.write(change, Map::new())
    }

    fn put_off_deletion(&mut self) -> Step {
        match self.app.granular_deprovisioning {
            Some(delay) if !delay.is_zero() => {
                self.awaits = Awaits::Deletion;
                Step::Wait(delay)
            }
            _ => self.delete(),
        }
    }

    fn delete(&mut self) -> Step {
        let target = target::user(self.user.remote_id.as_deref().unwrap_or_default());
        self.send(Awaits::Writing(Change::Deletion), "DELETE", target, None)
    }

    fn verb(&self, change: Change) -> Verb {
        let dialect = Dialect::of(&self.app);
        match change {
            Change::Active(_) | Change::Deletion => dialect.active,
            Change::Profile => dialect.profile,
            Change::Found => Verb::Put,
            Change::Password => dialect.password,
        }
    }

    fn after_reading(&mut self, change: Change, response: &Response) -> Step {
        if !response.is_success() {
            return self.failed(change, &message::refusal(response));
        }
        if self.verb(change) == Verb::Patch {
            return self.write(change, Map::new());
        }
        match answer::read(response) {
            Ok(user) => self.write(change, user),
            Err(Unusable(why)) => {
                let okta = message::jackson(&response.body).unwrap_or_else(|| why.clone());
                self.reason = Some(why);
                self.failed(change, &okta)
            }
        }
    }

    /// Sends the change; `user` is the one to change where the verb is PUT, and empty where it is PATCH.
    ///
    /// No capture of a password is public: that it goes the way of `active` is documented (Okta SCIM 2.0
    /// protocol reference, "Update a specific User (PATCH)"), that the body looks the same is inferred.
    fn write(&mut self, change: Change, mut user: Map<String, Value>) -> Step {
        match (change, &self.event) {
            (Change::Active(active), _) => body::set_active(&mut user, active),
            (Change::Password, Event::SyncPassword(password)) => body::set_password(&mut user, password),
            _ => body::set_profile(&mut user, &self.app, &self.user),
        }
        let verb = self.verb(change);
        if (verb, change) == (Verb::Put, Change::Profile) {
            mapping::name_extensions(&mut user, &self.app.attributes, self.app.version);
        }
        let id = self.user.remote_id.as_deref().unwrap_or_default();
        let target = target::user(id);
        let (method, body) = match verb {
            Verb::Patch => ("PATCH", body::patch(&self.app, id, user)),
            Verb::Put if change == Change::Found => ("PUT", v11::user::put(&self.app, &self.user, id)),
            Verb::Put => ("PUT", Value::Object(user).to_string()),
        };
        self.send(Awaits::Writing(change), method, target, Some(body))
    }

    /// Any success will do: the protocol reference asks for 200 with the user, or 204 for a PATCH, and
    /// no source says that Okta minds another body. A refused PATCH is final; no PUT follows
    /// (<https://github.com/oktadeveloper/okta-blog-archive/pull/1956>; an older page said one would).
    fn after_writing(&mut self, change: Change, response: &Response) -> Step {
        if !response.is_success() {
            return self.failed(change, &message::refusal(response));
        }
        self.next_change()
    }

    /// The texts are display messages of Okta's System Log; those of a deactivation,
    /// a deletion and a password follow their pattern.
    fn all_changed(&mut self) -> Step {
        let message = match self.event {
            Event::Update(_) | Event::ForceSync => "Push users profile to external application: SUCCESS",
            Event::SyncPassword(_) => "Push users password to external application: SUCCESS",
            Event::Deactivate | Event::Unassign => {
                self.deprovisioned();
                match self.deletes() {
                    true => "Delete user from external application: SUCCESS",
                    false => "Deactivate user in external application: SUCCESS",
                }
            }
            _ => {
                self.user.status = AppUserStatus::Provisioned;
                "Sync user in external application: SUCCESS"
            }
        };
        self.end(message::done(message))
    }

    /// Okta Management API, `AppUserStatus`: a deprovisioned app user has lost its `externalId`.
    fn deprovisioned(&mut self) {
        if self.event == Event::Unassign {
            self.user.remote_id = None;
            self.user.status = AppUserStatus::Deprovisioned;
        } else {
            self.user.status = AppUserStatus::Inactive;
        }
    }

    fn failed(&mut self, change: Change, why: &str) -> Step {
        let words = match change {
            Change::Active(active) => message::while_setting_active(&self.user, active, why),
            Change::Profile | Change::Found => message::while_pushing(&self.user, why),
            Change::Password => message::while_pushing_password(&self.user, why),
            Change::Deletion => message::while_deleting(&self.user, why),
        };
        let outcome = match self.event {
            Event::Update(_) | Event::SyncPassword(_) | Event::ForceSync => message::not_pushed(words),
            Event::Deactivate | Event::Unassign => message::not_deprovisioned(&self.app, &self.user, &words),
            _ => message::not_provisioned(&self.app, &self.user, &words),
        };
        self.end(outcome)
    }

    fn not_provisioned(&mut self, why: &str) -> Step {
        let outcome = message::not_provisioned(&self.app, &self.user, why);
        self.end(outcome)
    }

    fn stop(&mut self, why: Unusable, outcome: Outcome) -> Step {
        self.reason = Some(why.0);
        self.end(outcome)
    }

    fn get(&mut self, awaits: Awaits, target: &str) -> Step {
        self.send(awaits, "GET", target.to_owned(), None)
    }

    fn send(&mut self, awaits: Awaits, method: &'static str, target: String, body: Option<String>) -> Step {
        self.awaits = awaits;
        // The older developer.okta.com/reference/scim page shows a DELETE (of a group) with a Content-Type.
        let headers = dialect::headers_in(self.app.version, body.is_some() || method == "DELETE");
        self.retries.send(Request { method, target, headers, body })
    }

    fn end(&mut self, outcome: Outcome) -> Step {
        self.awaits = Awaits::Nothing(outcome.clone());
        Step::Done(outcome)
    }
}
