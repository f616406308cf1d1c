//! The flows: one event in, requests out, decided by the answers. How requests and texts look in detail
//! is decided elsewhere.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::answer::{self, Found, NotCreated, Unusable};
use crate::dialect::{self, Dialect, Verb};
use crate::message;
use crate::{App, AppUser, AppUserStatus, Event, Outcome, Request, Response, Step};
use crate::{body, target};

/// One event on its way through Okta.
///
/// A flow never panics on an answer and sends at most five requests.
#[derive(Debug, Clone)]
pub struct Flow {
    app: App,
    user: AppUser,
    event: Event,
    awaits: Awaits,
    /// What is still to be changed on the linked user, in this order.
    changes: VecDeque<Change>,
    reason: Option<String>,
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
    Nothing(Outcome),
}

/// One change of an existing user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Active(bool),
    Profile,
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
        };
        let step = flow.first();
        (flow, step)
    }

    /// Takes the answer to the request sent last and returns the next step.
    ///
    /// A flow that is over returns its outcome again.
    pub fn next(&mut self, response: Response) -> Step {
        match self.awaits.clone() {
            Awaits::Users => self.after_users(&response),
            Awaits::Groups => self.verified(),
            Awaits::Lookup => self.after_lookup(&response),
            Awaits::Creation => self.after_creation(&response),
            Awaits::Reading(change) => self.after_reading(change, &response),
            Awaits::Writing(change) => self.after_writing(change, &response),
            Awaits::Nothing(outcome) => Step::Done(outcome),
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
            Event::Connect => self.send(Awaits::Users, get(dialect::PROBE_USERS)),
            // Inside Okta a re-assignment starts as an assignment does: by looking for the user
            // (Okta provisioning flow charts, create; reported in https://github.com/growthbook/growthbook/pull/1680).
            Event::Assign | Event::Reactivate => {
                self.send(Awaits::Lookup, get(&target::lookup(&self.user.profile.login)))
            }
            Event::Update(changes) => self.update(&changes),
            Event::Deactivate | Event::Unassign if !self.app.push.deactivate => {
                self.deprovisioned();
                self.end(message::done("nothing is sent: Deactivate Users is off"))
            }
            Event::Deactivate | Event::Unassign => self.change([Change::Active(false)]),
            // Okta SCIM 2.0 protocol reference, PATCH: suspensions are not sent. Okta SCIM FAQ: users are
            // never deleted.
            Event::Suspend => self.silently(AppUserStatus::Suspended),
            Event::Unsuspend => self.silently(AppUserStatus::Provisioned),
            Event::Delete => {
                self.user.remote_id = None;
                self.silently(AppUserStatus::Deprovisioned)
            }
        }
    }

    fn update(&mut self, changes: &[(String, String)]) -> Step {
        for (key, value) in changes {
            if let Err(unknown) = self.user.profile.set(key, value) {
                return self.end(message::not_pushed(unknown.to_string()));
            }
        }
        if !self.app.push.update {
            return self.end(message::done("nothing is sent: Update User Attributes is off"));
        }
        self.change([Change::Profile])
    }

    fn silently(&mut self, status: AppUserStatus) -> Step {
        self.user.status = status;
        self.end(message::done(format!("nothing is sent for {}: Okta keeps it to itself", self.event.name())))
    }

    fn after_users(&mut self, response: &Response) -> Step {
        if !response.is_success() {
            return self.end(message::credentials_refused(response));
        }
        match answer::probed(response) {
            Err(why) => self.stop(why, message::no_users()),
            Ok(()) if self.app.probe_groups => self.send(Awaits::Groups, get(dialect::PROBE_GROUPS)),
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
        let body = body::create(&self.user);
        self.send(Awaits::Creation, with_body("POST", "/Users".to_owned(), body))
    }

    /// Links to a user who is there already: activation first, then the profile.
    ///
    /// Readings: the Okta provisioning flow charts and the capture
    /// <https://devforum.okta.com/t/scim-provisioning-fails-due-to-incorrect-search-filter/27262> have both
    /// requests, whether or not the user was active; the SCIM 1.1 protocol reference has one PUT with
    /// everything. We follow the charts.
    fn link(&mut self, id: String, active: bool) -> Step {
        self.user.remote_id = Some(id);
        if !active && !self.app.push.deactivate {
            return self.not_provisioned(message::INACTIVE);
        }
        let activation = self.app.push.deactivate.then_some(Change::Active(true));
        let profile = self.app.push.update.then_some(Change::Profile);
        self.change(activation.into_iter().chain(profile))
    }

    fn after_creation(&mut self, response: &Response) -> Step {
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
        if self.verb(change) == Verb::Put || self.app.read_before_patch {
            let request = get(&target::user(id));
            return self.send(Awaits::Reading(change), request);
        }
        self.write(change, Map::new())
    }

    fn verb(&self, change: Change) -> Verb {
        let dialect = Dialect::of(&self.app);
        match change {
            Change::Active(_) => dialect.active,
            Change::Profile => dialect.profile,
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

    /// Sends the change; `read` is the user to change where the verb is PUT.
    fn write(&mut self, change: Change, mut read: Map<String, Value>) -> Step {
        let target = target::user(self.user.remote_id.as_deref().unwrap_or_default());
        let request = match (self.verb(change), change) {
            (Verb::Patch, Change::Active(active)) => {
                with_body("PATCH", target, body::patch(json!({ "active": active })))
            }
            (Verb::Patch, Change::Profile) => with_body("PATCH", target, body::patch(body::mapped(&self.user.profile))),
            (Verb::Put, change) => {
                match change {
                    Change::Active(active) => body::set_active(&mut read, active),
                    Change::Profile => body::set_profile(&mut read, &self.user.profile),
                }
                with_body("PUT", target, Value::Object(read).to_string())
            }
        };
        self.send(Awaits::Writing(change), request)
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

    /// The texts are display messages of Okta's System Log; that of a deactivation follows their pattern.
    fn all_changed(&mut self) -> Step {
        let message = match self.event {
            Event::Update(_) => "Push users profile to external application: SUCCESS",
            Event::Deactivate | Event::Unassign => {
                self.deprovisioned();
                "Deactivate user in external application: SUCCESS"
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
            Change::Profile => message::while_pushing(&self.user, why),
        };
        let outcome = match self.event {
            Event::Update(_) => message::not_pushed(words),
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

    fn send(&mut self, awaits: Awaits, request: Request) -> Step {
        self.awaits = awaits;
        Step::Send(request)
    }

    fn end(&mut self, outcome: Outcome) -> Step {
        self.awaits = Awaits::Nothing(outcome.clone());
        Step::Done(outcome)
    }
}

fn get(target: &str) -> Request {
    Request { method: "GET", target: target.to_owned(), headers: dialect::headers(false), body: None }
}

fn with_body(method: &'static str, target: String, body: String) -> Request {
    Request { method, target, headers: dialect::headers(true), body: Some(body) }
}
