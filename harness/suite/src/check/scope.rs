//! Names: whether each one that a case uses is bound by then.

use super::Checker;
use super::cast::Stage;
use crate::diagnostic::{self as code, Diagnostic};
use crate::golden::Golden;
use crate::pattern::{self, Pattern};
use crate::plan::{Action, Auth, Body, CastPerson, EventSpec, HeaderChange, OktaSetup, Reading, Send, Step, Subject};
use crate::source::{Span, Spanned};
use crate::template::{self, EACH, Part, Template};
use crate::word::TargetKind;
use std::collections::BTreeSet;

impl Checker<'_> {
    /// Checks the names of a whole case.
    pub(super) fn names(
        &mut self,
        okta: Option<&OktaSetup>,
        steps: &[Step],
        readings: &[Reading],
        golden: Option<&Golden>,
    ) {
        for template in okta.into_iter().flat_map(templates_of_cast) {
            self.bound(template.parts(), &Scope::of_cast(), &[]);
        }
        let mut stage = okta.map(Stage::new).unwrap_or_default();
        let known: Vec<Vec<String>> = steps.iter().map(|step| binds_of(step, &mut stage)).collect();
        let mut scope = Scope::new(okta);
        if self.target == TargetKind::EventHook {
            template::RECEIVER_BOUND.iter().for_each(|name| scope.bind(name));
        }
        scope.later = known.iter().flatten().cloned().collect();
        let mut at = 0;
        for round in steps.chunk_by(|one, next| one.parallel && next.parallel) {
            // What happens at the same time knows nothing of each other.
            let before = scope.clone();
            for step in round {
                let mut own = before.clone();
                self.scope(step, &known[at], &mut own);
                known[at].iter().for_each(|name| scope.bind(name));
                if let Action::Send(send) = &step.action {
                    scope.saved.extend(send.save.clone());
                }
                at += 1;
            }
        }
        for reading in readings {
            for template in reading.json.iter().chain(&reading.text).flat_map(|pattern| pattern.templates()) {
                self.bound(template.parts(), &scope, &pattern::WORDS);
            }
        }
        if let Some(golden) = golden {
            golden.binds().for_each(|name| scope.bind(name));
            for parts in golden.templates() {
                self.bound(parts, &scope, &[]);
            }
        }
    }

    /// Checks that every name a step uses is bound, and adds those it binds.
    fn scope(&mut self, step: &Step, binds: &[String], scope: &mut Scope) {
        match &step.action {
            Action::Send(send) => {
                if !send.each.is_empty() {
                    send.each.iter().for_each(|value| self.bound(value.parts(), scope, &[]));
                    EACH.iter().for_each(|word| scope.bind(word));
                }
                self.saved(send, scope);
                self.bound(send.target.parts(), scope, &[]);
                for (_, change) in &send.headers {
                    if let HeaderChange::Set(template) = change {
                        self.bound(template.parts(), scope, &[]);
                    }
                }
                match &send.body {
                    Some(Body::Json(template)) => self.bound(template.parts(), scope, &[]),
                    Some(Body::Text(template)) => self.bound(template.parts(), scope, &[]),
                    Some(Body::Saved { with: Some(template), .. }) => self.bound(template.parts(), scope, &[]),
                    Some(Body::Saved { with: None, .. }) | None => {}
                }
                if let Auth::Raw(template) = &send.auth {
                    self.bound(template.parts(), scope, &[]);
                }
            }
            Action::Event(event) => {
                for template in event.action.templates() {
                    self.bound(template.parts(), scope, &[]);
                }
            }
        }
        binds.iter().for_each(|name| scope.bind(name));
        if let Action::Event(event) = &step.action {
            self.remote_needs_a_resource(event, scope);
        }
        for template in patterns_of(step).into_iter().flat_map(Pattern::templates) {
            self.bound(template.parts(), scope, &pattern::WORDS);
        }
        if let Action::Send(send) = &step.action {
            send.expect.never.iter().for_each(|text| self.bound(text.parts(), scope, &[]));
        }
    }

    /// What a step takes was saved by one before it.
    fn saved(&mut self, send: &Send, scope: &Scope) {
        let sent = send.body.as_ref().and_then(|body| match body {
            Body::Saved { name, .. } => Some(name),
            _ => None,
        });
        let compared = send.expect.equals.as_ref().map(|equals| &equals.name);
        let is_unknown = |name: &&Spanned<String>| !scope.saved.contains(&name.value);
        for name in sent.into_iter().chain(compared).filter(is_unknown) {
            let message = format!("nothing was saved as `{}`", name.value);
            let diagnostic = Diagnostic::new(&code::UNKNOWN_SAVED, name.span.clone(), message)
                .label("no step before this has it in `save`")
                .suggest(&name.value, scope.saved.iter().map(String::as_str));
            self.add(diagnostic);
        }
    }

    /// `expect.remote` reads resources by id, so there must have been some.
    fn remote_needs_a_resource(&mut self, event: &EventSpec, scope: &Scope) {
        let Some(remote) = &event.expect.remote else { return };
        let names = match &event.subject {
            Subject::Nobody => return,
            Subject::People(people) => people.as_slice(),
            Subject::Group(group) => std::slice::from_ref(group),
        };
        let Some(name) = names.iter().find(|name| !scope.knows(&id_of(name))) else { return };
        let (message, label) = match &event.subject {
            Subject::Group(_) => {
                ("`expect.remote` reads a group nobody has pushed", format!("pushes or links `{name}`"))
            }
            _ if name == CastPerson::USER => (NOBODY_ASSIGNED, "has `do = \"assign\"` or binds `id`".to_owned()),
            _ => (NOBODY_ASSIGNED, format!("assigns `{name}`")),
        };
        self.add(
            Diagnostic::new(&code::UNBOUND, remote.span.clone(), message).label(format!("no step before this {label}")),
        );
    }

    fn bound(&mut self, parts: &[Part], scope: &Scope, words: &[&str]) {
        for part in parts {
            let Part::Variable { name, span } = part else { continue };
            if !scope.knows(name) {
                let mistake = scope.unbound(name, span, words);
                self.add(mistake);
            }
        }
    }
}

/// The names that mean something at one point of a case.
#[derive(Debug, Clone)]
struct Scope {
    bound: BTreeSet<String>,
    /// Every name that some step of the case binds.
    later: BTreeSet<String>,
    /// The names under which answers were saved.
    saved: BTreeSet<String>,
    /// The words that some event could bind.
    words: Vec<String>,
    has_person: bool,
}

impl Scope {
    fn new(okta: Option<&OktaSetup>) -> Self {
        let mut bound: BTreeSet<String> = template::ALWAYS_BOUND.map(str::to_owned).into();
        if let Some(okta) = okta {
            bound.extend(template::OKTA_BOUND.map(str::to_owned));
            bound.extend(okta.people.iter().map(|person| format!("{}.userName", person.name)));
            bound.extend(okta.groups.iter().map(|group| format!("{}.name", group.name)));
        }
        let words = okta.map(ids_of_cast).unwrap_or_default();
        Scope { bound, later: BTreeSet::new(), saved: BTreeSet::new(), words, has_person: okta.is_some() }
    }

    /// The cast is made of the profiles and names, not the other way round.
    fn of_cast() -> Self {
        let mut bound: BTreeSet<String> = template::ALWAYS_BOUND.map(str::to_owned).into();
        bound.insert("okta.id".to_owned());
        Scope { bound, later: BTreeSet::new(), saved: BTreeSet::new(), words: Vec::new(), has_person: true }
    }

    fn bind(&mut self, name: &str) {
        self.bound.insert(name.to_owned());
    }

    fn knows(&self, name: &str) -> bool {
        self.bound.contains(name)
    }

    fn unbound(&self, name: &str, span: &Span, words: &[&str]) -> Diagnostic {
        let is_of_person = template::OKTA_BOUND.contains(&name) || name == "user.id";
        let (message, label) = if EACH.contains(&name) {
            (format!("`{{{{{name}}}}}` is a value of `each`, and this step has none"), "not at the head of an array")
        } else if self.later.contains(name) {
            (format!("`{{{{{name}}}}}` is used before a step binds it"), "bound only later")
        } else if is_of_person && !self.has_person {
            (format!("`{{{{{name}}}}}` is about a person, and the case has none"), "needs `[case.okta]`")
        } else if self.words.iter().any(|word| word == name) {
            (format!("`{{{{{name}}}}}` is not known to Okta by then"), "no step before this assigns or pushes it")
        } else {
            (format!("nothing binds `{{{{{name}}}}}`"), "not bound")
        };
        let diagnostic = Diagnostic::new(&code::UNBOUND, span.clone(), message).label(label);
        let bound = self.bound.iter().chain(&self.words).map(String::as_str);
        let known: Vec<&str> = bound.chain(words.iter().copied()).collect();
        match crate::diagnostic::nearest(name, &known) {
            Some(near) if !self.later.contains(name) && !self.words.iter().any(|word| word == name) => {
                diagnostic.help(format!("did you mean `{{{{{near}}}}}`?"))
            }
            _ => diagnostic,
        }
    }
}

/// Returns the names that a step binds, and notes where everybody stands after it.
fn binds_of(step: &Step, stage: &mut Stage) -> Vec<String> {
    let mut names: Vec<String> = patterns_of(step).into_iter().flat_map(Pattern::binds).map(str::to_owned).collect();
    if let Action::Event(event) = &step.action {
        for name in stage.perform(&event.action) {
            names.push(format!("{name}.id"));
            names.push(id_of(&name));
        }
    }
    names
}

/// Returns the word for the server's id of somebody; `id` alone is the one of the person the case is about.
fn id_of(name: &str) -> String {
    if name == CastPerson::USER { "id".to_owned() } else { format!("{name}.id") }
}

fn ids_of_cast(okta: &OktaSetup) -> Vec<String> {
    let people = okta.people.iter().map(|person| &person.name);
    people.chain(okta.groups.iter().map(|group| &group.name)).map(|name| format!("{name}.id")).collect()
}

fn templates_of_cast(okta: &OktaSetup) -> Vec<&Template> {
    let people = okta.people.iter().flat_map(|person| &person.profile);
    let groups = okta.groups.iter().flat_map(|group| &group.profile);
    let names = okta.groups.iter().flat_map(|group| std::iter::once(&group.display_name).chain(&group.description));
    people.chain(groups).flat_map(|(_, value)| value.templates()).chain(names).collect()
}

fn patterns_of(step: &Step) -> Vec<&Pattern> {
    match &step.action {
        Action::Send(send) => {
            let headers = send.expect.headers.iter().map(|(_, pattern)| pattern);
            headers.chain(&send.expect.json).chain(&send.expect.text).map(|pattern| &pattern.value).collect()
        }
        Action::Event(event) => event.expect.remote.iter().map(|pattern| &pattern.value).collect(),
    }
}

const NOBODY_ASSIGNED: &str = "`expect.remote` reads a user nobody has assigned";
