//! The flow of a discovery.

use std::collections::{BTreeSet, VecDeque};

use scim_lang::urn;
use serde_json::Value;

use super::resource_type::{DeclaredType, ValueKind};
use super::schema::{self, DiscoveredAttribute};
use super::value::SeenValue;
use crate::answer::Unusable;
use crate::import::entry::{self, Malformed};
use crate::import::note::{Noted, brief};
use crate::import::pager::{Pager, Paging, Turn};
use crate::import::settings::ImportSettings;
use crate::import::{page, wording};
use crate::retry::Retries;
use crate::{App, Outcome, Response, Step, message};

/// What a discovery is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscoveryGoal {
    /// Roles and entitlements: what happens when provisioning is switched on for an app with entitlement
    /// management.
    Entitlements,
    /// "Import User Schema" (general since May 2026): the attributes of users, core ones from the core
    /// User schema and others from the extensions of the User resource type (Okta guide "Submit an
    /// integration", test instance).
    UserSchema,
}

/// One discovery on its way through Okta.
///
/// Neither `/ResourceTypes` nor `/Schemas` has query parameters (RFC 7644 §4 has them answered whole).
/// That values are read in pages as users are is inferred: the guide says that all are retrieved.
#[derive(Debug, Clone)]
pub struct Discovery {
    app: App,
    goal: DiscoveryGoal,
    settings: ImportSettings,
    awaits: Awaits,
    types: VecDeque<(DeclaredType, ValueKind)>,
    seen: Vec<SeenValue>,
    report: DiscoveryReport,
    reason: Option<String>,
    retries: Retries,
}

#[derive(Debug, Clone)]
enum Awaits {
    ResourceTypes,
    Schemas(BTreeSet<String>),
    Values(Box<Reading>),
    Nothing(Outcome),
}

/// One endpoint on its way.
#[derive(Debug, Clone)]
struct Reading {
    of: DeclaredType,
    kind: ValueKind,
    pager: Pager,
}

/// What a discovery found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscoveryReport {
    /// The resource types.
    pub resource_types: Vec<DeclaredType>,
    /// Resource types that were left out.
    pub malformed_types: Noted<Malformed>,
    /// The attributes of the schemas that were looked for.
    pub attributes: Vec<DiscoveredAttribute>,
    /// Schemas that were looked for and are not there. What Okta does without them is not documented.
    pub missing_schemas: Vec<String>,
    /// The roles and entitlements, by resource type.
    pub types: Vec<TypeRead>,
    /// Whether it got to its end.
    pub complete: bool,
}

/// The roles or entitlements of one resource type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeRead {
    /// The name of the resource type.
    pub resource_type: String,
    /// What they are.
    pub kind: ValueKind,
    /// Where they were read.
    pub endpoint: String,
    /// How many were read: what the Governance tab of the app shows.
    pub values: u64,
    /// The pages.
    pub paging: Paging,
    /// Entries that were left out.
    pub malformed: Noted<Malformed>,
    /// Entries that were read, and are not as the guide asks for.
    pub odd: Noted<Malformed>,
}

impl TypeRead {
    /// Tells whether as many values were read as the service provider says there are (OIN test plan
    /// C9370).
    pub fn is_all(&self) -> bool {
        self.paging.total_results.is_some_and(|total| u64::try_from(total) == Ok(self.values))
    }
}

impl Discovery {
    /// Starts a discovery and returns its first step. Of the settings it needs those about pages.
    pub fn start(app: &App, goal: DiscoveryGoal, settings: ImportSettings) -> (Discovery, Step) {
        let mut discovery = Discovery {
            app: app.clone(),
            goal,
            settings,
            awaits: Awaits::ResourceTypes,
            types: VecDeque::new(),
            seen: Vec::new(),
            report: DiscoveryReport::default(),
            reason: None,
            retries: Retries::default(),
        };
        let step = discovery.get(RESOURCE_TYPES.to_owned());
        (discovery, step)
    }

    /// Takes the answer to the request sent last and returns the next step. What
    /// [`Discovery::take_seen`] did not take is forgotten.
    pub fn next(&mut self, response: Response) -> Step {
        self.seen = Vec::new();
        if !matches!(self.awaits, Awaits::Nothing(_))
            && let Some(wait) = self.retries.pause(&response)
        {
            return wait;
        }
        let awaits = std::mem::replace(&mut self.awaits, Awaits::ResourceTypes);
        if let Awaits::Nothing(outcome) = awaits {
            return self.end(outcome);
        }
        if !response.is_success() {
            let why = message::refusal(&response);
            return self.fail(&awaits, &why);
        }
        match awaits {
            Awaits::ResourceTypes => self.after_resource_types(&response),
            Awaits::Schemas(wanted) => self.after_schemas(wanted, &response),
            Awaits::Values(reading) => self.after_values(reading, &response),
            Awaits::Nothing(outcome) => self.end(outcome),
        }
    }

    /// Goes on after a [`Step::Wait`].
    pub fn resume(&mut self) -> Step {
        match &self.awaits {
            Awaits::Nothing(outcome) => Step::Done(outcome.clone()),
            _ => self.retries.resume(),
        }
    }

    /// Ends the discovery after a request which nothing came back for.
    pub fn timed_out(&mut self) -> Step {
        self.next(message::no_answer())
    }

    /// Hands over the roles and entitlements of the page read last.
    pub fn take_seen(&mut self) -> Vec<SeenValue> {
        std::mem::take(&mut self.seen)
    }

    /// Returns the report as far as it has got.
    pub fn report(&self) -> &DiscoveryReport {
        &self.report
    }

    /// Returns, in our words, why Okta stopped.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    fn after_resource_types(&mut self, response: &Response) -> Step {
        let entries = match page::read(response, true) {
            Ok(page) => page.resources,
            Err(Unusable(why)) => return self.unusable(Awaits::ResourceTypes, why),
        };
        if entries.len() > MOST_TYPES {
            return self.unusable(Awaits::ResourceTypes, format!("there are {} resource types", entries.len()));
        }
        for (index, entry) in entries.iter().enumerate() {
            match DeclaredType::read(entry) {
                Ok(declared) => self.report.resource_types.push(declared),
                Err(fault) => {
                    self.report.malformed_types.add(Malformed::new(1, index, entry["id"].as_str(), fault));
                }
            }
        }
        if self.goal == DiscoveryGoal::Entitlements {
            self.types = self.report.resource_types.iter().filter_map(|of| Some((of.clone(), of.kind()?))).collect();
        }
        let wanted = self.wanted_schemas();
        if wanted.is_empty() {
            return self.next_type();
        }
        self.awaits = Awaits::Schemas(wanted);
        self.get(SCHEMAS.to_owned())
    }

    /// Okta asks for the schemas it does not know; for the schema of users always.
    fn wanted_schemas(&self) -> BTreeSet<String> {
        let types = self.report.resource_types.iter();
        match self.goal {
            DiscoveryGoal::Entitlements => types.flat_map(|of| of.unknown_extensions().map(str::to_owned)).collect(),
            DiscoveryGoal::UserSchema => {
                let extensions = types.filter(|of| of.schema == urn::USER).flat_map(|of| of.extensions.iter().cloned());
                extensions.chain([urn::USER.to_owned()]).collect()
            }
        }
    }

    fn after_schemas(&mut self, mut wanted: BTreeSet<String>, response: &Response) -> Step {
        let entries = match page::read(response, true) {
            Ok(page) => page.resources,
            Err(Unusable(why)) => return self.unusable(Awaits::Schemas(wanted), why),
        };
        for entry in &entries {
            let urn = entry["id"].as_str().unwrap_or_default();
            if wanted.remove(urn) {
                self.report.attributes.extend(schema::attributes(urn, entry));
            }
        }
        self.report.missing_schemas = wanted.iter().map(|urn| brief(urn)).collect();
        self.next_type()
    }

    fn next_type(&mut self) -> Step {
        let Some((of, kind)) = self.types.pop_front() else { return self.complete() };
        self.report.types.push(TypeRead {
            resource_type: of.name.clone(),
            kind,
            endpoint: of.endpoint.clone(),
            values: 0,
            paging: Paging::default(),
            malformed: Noted::default(),
            odd: Noted::default(),
        });
        let pager = Pager::new(&*of.endpoint, &self.settings);
        let step = self.get(pager.target());
        self.awaits = Awaits::Values(Box::new(Reading { of, kind, pager }));
        step
    }

    fn after_values(&mut self, mut reading: Box<Reading>, response: &Response) -> Step {
        let entries = match reading.pager.read(response) {
            Ok(entries) => entries,
            Err(Unusable(why)) => return self.unusable(Awaits::Values(reading), why),
        };
        for (index, entry) in entries.into_iter().enumerate() {
            self.see(&mut reading, index, entry);
        }
        let turn = reading.pager.turn();
        self.read().paging = reading.pager.paging().clone();
        match turn {
            Turn::End => self.next_type(),
            Turn::Ask(target) => {
                self.awaits = Awaits::Values(reading);
                self.get(target)
            }
            Turn::Endless(why) => self.unusable(Awaits::Values(reading), format!("the list does not end: {why}")),
        }
    }

    fn see(&mut self, reading: &mut Reading, index: usize, entry: Value) {
        let page = reading.pager.start();
        let id = match entry::id(&entry) {
            Ok(id) if reading.pager.sight(&id) => id,
            Ok(_) => return,
            Err(fault) => {
                reading.pager.sight_anonymous();
                return self.read().malformed.add(Malformed::new(page, index, None, fault));
            }
        };
        match SeenValue::read(&reading.of, reading.kind, id.clone(), entry) {
            Err(fault) => self.read().malformed.add(Malformed::new(page, index, Some(&id), fault)),
            Ok(value) => {
                if let Some(fault) = value.odd() {
                    self.read().odd.add(Malformed::new(page, index, Some(&id), fault));
                }
                self.read().values += 1;
                self.seen.push(value);
            }
        }
    }

    fn read(&mut self) -> &mut TypeRead {
        self.report.types.last_mut().expect("a type is pushed before its values are asked for")
    }

    fn complete(&mut self) -> Step {
        self.report.complete = true;
        let counts: Vec<String> =
            self.report.types.iter().map(|read| format!("{} {}", read.values, read.resource_type)).collect();
        let message = match self.goal {
            DiscoveryGoal::UserSchema => format!("User schema: {} attributes", self.report.attributes.len()),
            DiscoveryGoal::Entitlements if counts.is_empty() => "Entitlements: no resource type".to_owned(),
            DiscoveryGoal::Entitlements => format!("Entitlements: {}", counts.join(", ")),
        };
        self.end(message::done(message))
    }

    fn unusable(&mut self, awaits: Awaits, why: String) -> Step {
        let step = self.fail(&awaits, &why);
        self.reason = Some(why);
        step
    }

    fn fail(&mut self, awaits: &Awaits, why: &str) -> Step {
        let what = match awaits {
            Awaits::ResourceTypes => "resource types".to_owned(),
            Awaits::Schemas(_) => "schemas".to_owned(),
            Awaits::Values(reading) => brief(&reading.of.name),
            Awaits::Nothing(_) => String::new(),
        };
        let outcome = wording::failed(&self.app, &what, why);
        self.end(outcome)
    }

    fn end(&mut self, outcome: Outcome) -> Step {
        self.awaits = Awaits::Nothing(outcome.clone());
        Step::Done(outcome)
    }

    fn get(&mut self, target: String) -> Step {
        self.retries.send(crate::import::get(&self.app, target))
    }
}

const RESOURCE_TYPES: &str = "/ResourceTypes";
const SCHEMAS: &str = "/Schemas";

/// More resource types than anybody has; each costs at least one request.
const MOST_TYPES: usize = 100;
