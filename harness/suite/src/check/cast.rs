//! The Okta org of a case: its settings, its people, its groups, and where both stand after each step.

use super::{Checker, in_order, is_kebab_case};
use crate::catalog::twice;
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{AppWord, GroupTable, OktaTable, PersonTable, ProfileEntries, PushWord, Texts};
use crate::plan::{CastGroup, CastPerson, EventAction, OktaSetup, Profile, ProfileValue, Settings, Subject};
use crate::profile;
use crate::source::{Span, Text};
use crate::template::{self, Template};
use crate::word::PersonStatus;
use mock_okta::{AppId, AppKind, Push, ScimVersion};
use std::collections::{BTreeMap, BTreeSet};

impl Checker<'_> {
    pub(super) fn apps(&mut self, table: &OktaTable) -> Vec<AppId> {
        let apps: Vec<AppId> = table.app.get_ref().0.iter().map(|word| app_id(*word)).collect();
        let distinct: BTreeSet<&AppId> = apps.iter().collect();
        if apps.is_empty() || distinct.len() < apps.len() {
            let message = "a case runs once for each of its apps";
            let label = if apps.is_empty() { "no app" } else { "the same app twice" };
            self.add(Diagnostic::new(&code::BAD_APPS, self.span(table.app.span()), message).label(label));
        }
        apps
    }

    pub(super) fn okta(&mut self, table: &OktaTable) -> OktaSetup {
        self.cast_names(table);
        let pushes = |word| table.push.as_ref().is_none_or(|words| words.contains(&word));
        OktaSetup {
            push: Push {
                create: pushes(PushWord::Create),
                update: pushes(PushWord::Update),
                deactivate: pushes(PushWord::Deactivate),
                password: table.push.is_some() && pushes(PushWord::Password),
            },
            push_groups: pushes(PushWord::Groups),
            import: pushes(PushWord::Import),
            settings: self.settings(table),
            people: std::iter::once(self.user(table))
                .chain(table.person.iter().map(|person| self.person(person)).collect::<Vec<_>>())
                .collect(),
            groups: table.group.iter().map(|group| self.cast_group(group, table)).collect(),
        }
    }

    fn settings(&mut self, table: &OktaTable) -> Settings {
        let default = Settings::default();
        Settings {
            patch_profile: table.patch_profile.unwrap_or(default.patch_profile),
            rename_groups: table.rename_groups.unwrap_or(default.rename_groups),
            group_batch: self.group_batch(table).unwrap_or(default.group_batch),
            pathless_members: table.pathless_members.unwrap_or(default.pathless_members),
            exclude_username_updates: table.exclude_username_updates.unwrap_or(default.exclude_username_updates),
            granular_deprovisioning: table.granular_deprovisioning.unwrap_or(default.granular_deprovisioning),
            entitlements: table.entitlements.unwrap_or(default.entitlements),
            loses_create_answer: table.loses_create_answer.unwrap_or(default.loses_create_answer),
            profile_source: table.profile_source,
            empty: table.empty.unwrap_or(default.empty),
            group_attributes: table.group_attributes.unwrap_or(default.group_attributes),
        }
    }

    /// Okta lets vendors choose from 100 to 1000; smaller batches keep cases small.
    fn group_batch(&mut self, table: &OktaTable) -> Option<u16> {
        let written = table.group_batch.as_ref()?;
        let batch = u16::try_from(*written.get_ref()).ok().filter(|batch| (1..=1000).contains(batch));
        if batch.is_none() {
            let message = format!("a batch of {} changes", written.get_ref());
            self.add(
                Diagnostic::new(&code::BAD_SETTING, self.span(written.span()), message).label("expected 1 to 1000"),
            );
        }
        batch
    }

    /// People and groups are called in the same way in templates, so they share their names.
    fn cast_names(&mut self, table: &OktaTable) {
        let people = table.person.iter().map(|person| &person.name);
        let groups = table.group.iter().map(|group| &group.alias);
        let names: Vec<_> = people.chain(groups).collect();
        for name in &names {
            self.cast_name(name);
        }
        let spans: Vec<_> = names.iter().map(|name| (name.get_ref(), self.span(name.span()))).collect();
        twice(&spans, "name", self.mistakes);
    }

    fn cast_name(&mut self, name: &toml::Spanned<String>) {
        let span = self.span(name.span());
        let name = name.get_ref();
        if template::RESERVED.contains(&name.as_str()) {
            let message = format!("nobody and no group can be called `{name}`");
            let label = if name == CastPerson::USER { "the person of `[case.okta]`" } else { "a word of templates" };
            self.add(Diagnostic::new(&code::RESERVED_NAME, span, message).label(label));
        } else if !is_kebab_case(name) {
            self.add(
                Diagnostic::new(&code::NOT_KEBAB_CASE, span, format!("the name `{name}` is not in kebab-case"))
                    .label("lower-case words joined by `-`"),
            );
        }
    }

    fn user(&mut self, table: &OktaTable) -> CastPerson {
        let profile = self.profile(&table.profile);
        CastPerson {
            name: CastPerson::USER.to_owned(),
            profile: self.with_a_name(profile, DEFAULT_USER),
            status: PersonStatus::Active,
            span: self.span(table.app.span()),
        }
    }

    fn person(&mut self, table: &PersonTable) -> CastPerson {
        let name = table.name.get_ref();
        let login = format!("{{{{run}}}}.{name}@example.com");
        let first_name = capitalised(name);
        let profile = self.profile(&table.profile);
        CastPerson {
            name: name.clone(),
            profile: self.with_a_name(
                profile,
                [("login", login.as_str()), ("firstName", first_name.as_str()), ("lastName", "Example")],
            ),
            status: table.status,
            span: self.span(table.name.span()),
        }
    }

    /// Adds what every person has and the case does not give.
    fn with_a_name(&mut self, mut profile: Profile, defaults: [(&str, &str); 3]) -> Profile {
        for (key, value) in defaults {
            if !profile.iter().any(|(given, _)| given == key) {
                profile.push((key.to_owned(), ProfileValue::One(self.own_template(value))));
            }
        }
        profile
    }

    fn cast_group(&mut self, table: &GroupTable, okta: &OktaTable) -> CastGroup {
        self.not_empty("name", &table.name);
        let people: Vec<&str> = std::iter::once(CastPerson::USER)
            .chain(okta.person.iter().map(|person| person.name.get_ref().as_str()))
            .collect();
        let groups: Vec<&str> = okta.group.iter().map(|group| group.alias.get_ref().as_str()).collect();
        for member in &table.members {
            self.known(Noun::Person, member.get_ref(), self.span(member.span()), &people, &groups);
        }
        CastGroup {
            name: table.alias.get_ref().clone(),
            display_name: self.template(&table.name),
            description: table.description.as_ref().map(|description| self.template(description)),
            members: self.each_once(&table.members),
            profile: self.profile(&table.profile),
            span: self.span(table.alias.span()),
        }
    }

    /// Returns the names; one that is there twice is a mistake.
    pub(super) fn each_once(&mut self, names: &[toml::Spanned<String>]) -> Vec<String> {
        let spans: Vec<_> = names.iter().map(|name| (name.get_ref(), self.span(name.span()))).collect();
        twice(&spans, "name", self.mistakes);
        names.iter().map(|name| name.get_ref().clone()).collect()
    }

    /// Reports a name that the case does not have, or has for something else.
    pub(super) fn known(&mut self, noun: Noun, name: &str, span: Span, people: &[&str], groups: &[&str]) {
        let (right, wrong) = match noun {
            Noun::Person => (people, groups),
            Noun::Group => (groups, people),
        };
        if right.contains(&name) {
            return;
        }
        let (one, table, other) = match noun {
            Noun::Person => ("a person", "[[case.okta.person]]", "a group"),
            Noun::Group => ("a group", "[[case.okta.group]]", "a person"),
        };
        let diagnostic = if wrong.contains(&name) {
            let message = format!("`{name}` is {other}");
            Diagnostic::new(&code::UNKNOWN_CAST, span, message).label(format!("expected {one}"))
        } else {
            let message = format!("the case has no {} `{name}`", one.trim_start_matches("a "));
            let label = format!("no `{table}` has `as = \"{name}\"`");
            Diagnostic::new(&code::UNKNOWN_CAST, span, message).label(label)
        };
        self.add(diagnostic.suggest(name, right.iter().copied()));
    }

    pub(super) fn profile(&mut self, entries: &ProfileEntries) -> Profile {
        let mut profile = Profile::new();
        for (name, value) in in_order(entries) {
            let key = name.get_ref().as_str();
            if !profile::keys().any(|known| known == key) {
                let message = format!("unknown profile key `{key}`");
                let diagnostic = Diagnostic::new(&code::UNKNOWN_PROFILE_KEY, self.span(name.span()), message)
                    .label("not a key of the Okta profile")
                    .suggest(key, profile::keys());
                self.add(diagnostic);
            } else if matches!(value.get_ref(), Texts::Many(_)) && !profile::GRANTS.contains(&key) {
                let span = self.first_line(value.span());
                self.add(Diagnostic::new(&code::ONE_VALUE, span, format!("`{key}` has one value")).label("an array"));
            }
            profile.push((name.get_ref().clone(), self.profile_value(value)));
        }
        profile
    }

    fn profile_value(&mut self, value: &toml::Spanned<Texts>) -> ProfileValue {
        match value.get_ref() {
            Texts::One(one) => ProfileValue::One(self.template(&toml::Spanned::new(value.span(), one.clone()))),
            Texts::Many(many) => ProfileValue::Many(many.iter().map(|one| self.template(one)).collect()),
        }
    }

    /// A template that is not from the file, for a default.
    fn own_template(&mut self, text: &str) -> Template {
        let text = Text::opaque(text.to_owned(), &self.span(0..0));
        Template::compile(&text, self.mistakes)
    }
}

/// What a name of the cast must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noun {
    Person,
    Group,
}

/// Where everybody of a case stands after the steps so far, as far as that can be told from the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Stage {
    people: Vec<String>,
    groups: BTreeMap<String, Standing>,
}

/// Where a group stands.
#[derive(Debug, Clone)]
struct Standing {
    name: Template,
    members: Vec<String>,
    is_assigned: bool,
    is_pushed: bool,
}

impl Stage {
    pub(super) fn new(okta: &OktaSetup) -> Stage {
        let standing = |group: &CastGroup| Standing {
            name: group.display_name.clone(),
            members: group.members.clone(),
            is_assigned: false,
            is_pushed: false,
        };
        Stage {
            people: okta.people.iter().map(|person| person.name.clone()).collect(),
            groups: okta.groups.iter().map(|group| (group.name.clone(), standing(group))).collect(),
        }
    }

    pub(super) fn people(&self) -> Vec<&str> {
        self.people.iter().map(String::as_str).collect()
    }

    pub(super) fn groups(&self) -> Vec<&str> {
        self.groups.keys().map(String::as_str).collect()
    }

    /// Returns what a group is called in Okta by then.
    pub(super) fn name_of(&self, group: &str) -> Option<&Template> {
        self.groups.get(group).map(|standing| &standing.name)
    }

    /// Returns whose resource an event is about.
    pub(super) fn subject(&self, action: &EventAction) -> Subject {
        match action {
            EventAction::UpdateGroup { group, .. }
            | EventAction::AssignGroup { group }
            | EventAction::UnassignGroup { group } => Subject::People(self.members(group).to_vec()),
            // A push shows who belongs to the group; without one, only the people can have changed.
            EventAction::AddToGroup { who, group } | EventAction::RemoveFromGroup { who, group } => {
                match self.groups.get(group) {
                    Some(standing) if standing.is_pushed => Subject::Group(group.clone()),
                    _ => Subject::People(who.clone()),
                }
            }
            action => match (action.group(), action.who()) {
                (Some(group), _) => Subject::Group(group.to_owned()),
                (None, []) => Subject::Nobody,
                (None, who) => Subject::People(who.to_vec()),
            },
        }
    }

    /// Returns the people and groups whose ids Okta may know because of an event, and notes what it changes.
    pub(super) fn perform(&mut self, action: &EventAction) -> Vec<String> {
        match action {
            EventAction::Assign { who } | EventAction::Reactivate { who } => who.clone(),
            EventAction::AssignGroup { group } => {
                self.note(group, |standing| standing.is_assigned = true);
                self.members(group).to_vec()
            }
            EventAction::UnassignGroup { group } => {
                self.note(group, |standing| standing.is_assigned = false);
                Vec::new()
            }
            EventAction::AddToGroup { who, group } => {
                self.note(group, |standing| standing.members.extend(who.iter().cloned()));
                let is_assigned = self.groups.get(group).is_some_and(|standing| standing.is_assigned);
                if is_assigned { who.clone() } else { Vec::new() }
            }
            EventAction::RemoveFromGroup { who, group } => {
                self.note(group, |standing| standing.members.retain(|member| !who.contains(member)));
                Vec::new()
            }
            EventAction::PushGroup { group }
            | EventAction::LinkGroup { group, .. }
            | EventAction::RelinkGroup { group } => {
                self.note(group, |standing| standing.is_pushed = true);
                vec![group.clone()]
            }
            EventAction::UnlinkGroup { group, .. } => {
                self.note(group, |standing| standing.is_pushed = false);
                Vec::new()
            }
            EventAction::RenameGroup { group, name } => {
                self.note(group, |standing| standing.name = name.clone());
                Vec::new()
            }
            // Which names start so is only known while the case runs.
            EventAction::PushByRule { .. } => {
                self.groups.values_mut().for_each(|standing| standing.is_pushed = true);
                self.groups.keys().cloned().collect()
            }
            // Whom an import finds, too.
            EventAction::ImportUsers | EventAction::ConfirmMatches => self.people.clone(),
            _ => Vec::new(),
        }
    }

    fn members(&self, group: &str) -> &[String] {
        self.groups.get(group).map_or(&[], |standing| &standing.members)
    }

    fn note(&mut self, group: &str, change: impl FnOnce(&mut Standing)) {
        // A group the case does not have is told where it is named.
        if let Some(standing) = self.groups.get_mut(group) {
            change(standing);
        }
    }
}

fn app_id(word: AppWord) -> AppId {
    let (kind, version) = match word {
        AppWord::Catalog => (AppKind::Catalog, ScimVersion::V2),
        AppWord::Wizard => (AppKind::Wizard, ScimVersion::V2),
        AppWord::Aiw => (AppKind::Aiw, ScimVersion::V2),
        AppWord::CatalogV1 => (AppKind::Catalog, ScimVersion::V1_1),
        AppWord::AiwV1 => (AppKind::Aiw, ScimVersion::V1_1),
    };
    AppId { kind, version }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Who a case is about if it does not say. The domain is reserved by RFC 2606 §3.
const DEFAULT_USER: [(&str, &str); 3] =
    [("login", "{{run}}.ada@example.com"), ("firstName", "Ada"), ("lastName", "Byron")];
