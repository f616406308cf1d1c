//! Names: whether each one that a case uses is bound by then.

use super::Checker;
use crate::diagnostic::{self as code, Diagnostic};
use crate::golden::Golden;
use crate::pattern::{self, Pattern};
use crate::plan::{Action, Auth, Body, EventSpec, HeaderChange, OktaSetup, Step};
use crate::source::Span;
use crate::template::{self, Part};
use crate::word::EventKind;
use std::collections::BTreeSet;

impl Checker<'_> {
    /// Checks the names of a whole case.
    pub(super) fn names(&mut self, okta: Option<&OktaSetup>, steps: &[Step], golden: Option<&Golden>) {
        for (_, template) in okta.iter().flat_map(|okta| &okta.profile) {
            self.bound(template.parts(), &Scope::of_profile(), &[]);
        }
        let mut scope = Scope::new(okta.is_some());
        scope.later = steps.iter().flat_map(binds_of).collect();
        for step in steps {
            self.scope(step, &mut scope);
        }
        if let Some(golden) = golden {
            golden.binds().for_each(|name| scope.bind(name));
            for parts in golden.templates() {
                self.bound(parts, &scope, &[]);
            }
        }
    }

    /// Checks that every name a step uses is bound, and adds those it binds.
    fn scope(&mut self, step: &Step, scope: &mut Scope) {
        match &step.action {
            Action::Send(send) => {
                self.bound(send.target.parts(), scope, &[]);
                for (_, change) in &send.headers {
                    if let HeaderChange::Set(template) = change {
                        self.bound(template.parts(), scope, &[]);
                    }
                }
                match &send.body {
                    Some(Body::Json(template)) => self.bound(template.parts(), scope, &[]),
                    Some(Body::Text(template)) => self.bound(template.parts(), scope, &[]),
                    None => {}
                }
                if let Auth::Raw(template) = &send.auth {
                    self.bound(template.parts(), scope, &[]);
                }
            }
            Action::Event(event) => {
                for (_, template) in &event.set {
                    self.bound(template.parts(), scope, &[]);
                }
                self.remote_needs_a_user(event, scope);
            }
        }
        binds_of(step).iter().for_each(|name| scope.bind(name));
        for template in patterns_of(step).into_iter().flat_map(Pattern::templates) {
            self.bound(template.parts(), scope, &pattern::WORDS);
        }
    }

    /// `expect.remote` reads the user by id, so there must have been one.
    fn remote_needs_a_user(&mut self, event: &EventSpec, scope: &Scope) {
        let Some(remote) = &event.expect.remote else { return };
        if event.kind != EventKind::Assign && !scope.knows("id") {
            let diagnostic = Diagnostic::new(
                &code::UNBOUND,
                remote.span.clone(),
                "`expect.remote` reads a user nobody has assigned",
            )
            .label("no step before this has `do = \"assign\"` or binds `id`");
            self.add(diagnostic);
        }
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
    has_person: bool,
}

impl Scope {
    fn new(has_person: bool) -> Self {
        let mut bound: BTreeSet<String> = template::ALWAYS_BOUND.map(str::to_owned).into();
        if has_person {
            bound.extend(template::OKTA_BOUND.map(str::to_owned));
        }
        Scope { bound, later: BTreeSet::new(), has_person }
    }

    /// The person is made of the profile, not the other way round.
    fn of_profile() -> Self {
        let mut bound: BTreeSet<String> = template::ALWAYS_BOUND.map(str::to_owned).into();
        bound.insert("okta.id".to_owned());
        Scope { bound, later: BTreeSet::new(), has_person: true }
    }

    fn bind(&mut self, name: &str) {
        self.bound.insert(name.to_owned());
    }

    fn knows(&self, name: &str) -> bool {
        self.bound.contains(name)
    }

    fn unbound(&self, name: &str, span: &Span, words: &[&str]) -> Diagnostic {
        let is_of_person = template::OKTA_BOUND.contains(&name) || name == "user.id";
        let (message, label) = if self.later.contains(name) {
            (format!("`{{{{{name}}}}}` is used before a step binds it"), "bound only later")
        } else if is_of_person && !self.has_person {
            (format!("`{{{{{name}}}}}` is about a person, and the case has none"), "needs `[case.okta]`")
        } else {
            (format!("nothing binds `{{{{{name}}}}}`"), "not bound")
        };
        let diagnostic = Diagnostic::new(&code::UNBOUND, span.clone(), message).label(label);
        let known: Vec<&str> = self.bound.iter().map(String::as_str).chain(words.iter().copied()).collect();
        match crate::diagnostic::nearest(name, &known) {
            Some(near) if !self.later.contains(name) => diagnostic.help(format!("did you mean `{{{{{near}}}}}`?")),
            _ => diagnostic,
        }
    }
}

/// Returns the names that a step binds.
fn binds_of(step: &Step) -> Vec<String> {
    let mut names: Vec<String> = patterns_of(step).into_iter().flat_map(Pattern::binds).map(str::to_owned).collect();
    if matches!(&step.action, Action::Event(event) if event.kind == EventKind::Assign) {
        names.extend(["id".to_owned(), "user.id".to_owned()]);
    }
    names
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
