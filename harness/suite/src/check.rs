//! Mirror structs → cases of the plan: what words, names and references mean, and whether they fit together.

mod cast;
mod event;
mod fuzz;
mod given;
mod reading;
mod repeat;
mod scope;
mod step;
mod story;

use crate::catalog::{Catalog, twice};
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{CaseTable, StepTable, SuiteTable};
use crate::golden::Golden;
use crate::load::ReadGolden;
use crate::plan::{Action, Case, Step};
use crate::source::{SourceFile, Span, Spanned, Text};
use crate::template::Template;
use crate::word::{Basis, Level, TargetKind};
use cast::Stage;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Checks the cases of one file.
pub(crate) struct Checker<'c> {
    file: &'c Arc<SourceFile>,
    goldens: &'c BTreeMap<String, ReadGolden>,
    /// The catalog, unless it could not be read.
    catalog: Option<&'c Catalog>,
    mistakes: &'c mut Vec<Diagnostic>,
    used: Vec<String>,
    /// Whether the case at hand is exclusive.
    is_exclusive: bool,
    /// What the cases talk to.
    target: TargetKind,
    /// Whether they run only where a selector names the suite.
    opt_in: bool,
}

impl<'c> Checker<'c> {
    pub(crate) fn new(
        file: &'c Arc<SourceFile>,
        goldens: &'c BTreeMap<String, ReadGolden>,
        catalog: Option<&'c Catalog>,
        mistakes: &'c mut Vec<Diagnostic>,
    ) -> Self {
        Checker {
            file,
            goldens,
            catalog,
            mistakes,
            used: Vec::new(),
            is_exclusive: false,
            target: TargetKind::default(),
            opt_in: false,
        }
    }

    /// Returns the paths of the goldens that the cases name.
    pub(crate) fn used_goldens(self) -> Vec<String> {
        self.used
    }

    pub(crate) fn cases(&mut self, suite: &SuiteTable) -> Vec<Case> {
        self.suite_name(suite);
        self.not_empty("title", &suite.title);
        self.target = suite.target;
        self.opt_in = suite.opt_in;
        let ids: Vec<_> = suite.case.iter().map(|case| (case.id.get_ref(), self.span(case.id.span()))).collect();
        twice(&ids, "case", self.mistakes);
        let of_file = self.requires(suite.suite.get_ref(), &suite.requires);
        let with_those_of_file = |mut case: Case| {
            let is_basic = of_file.iter().any(|required| required.value == case.id);
            for required in of_file.iter().filter(|_| !is_basic) {
                if !case.requires.iter().any(|own| own.value == required.value) {
                    case.requires.push(required.clone());
                }
            }
            case
        };
        suite.case.iter().map(|case| with_those_of_file(self.case(suite.suite.get_ref(), case))).collect()
    }

    /// Returns the full ids of what is required, each once; an id alone is one of this file.
    fn requires(&self, suite: &str, written: &[toml::Spanned<String>]) -> Vec<Spanned<String>> {
        let mut requires: Vec<Spanned<String>> = Vec::new();
        for id in written {
            let full =
                if id.get_ref().contains('/') { id.get_ref().clone() } else { format!("{suite}/{}", id.get_ref()) };
            if !requires.iter().any(|known| known.value == full) {
                requires.push(Spanned::new(full, self.span(id.span())));
            }
        }
        requires
    }

    fn suite_name(&mut self, suite: &SuiteTable) {
        let name = suite.suite.get_ref();
        let span = self.span(suite.suite.span());
        if !name.split('/').all(is_kebab_case) {
            return self.add(
                Diagnostic::new(&code::NOT_KEBAB_CASE, span, format!("the suite `{name}` is not named in kebab-case"))
                    .label("lower-case words joined by `-`, parts joined by `/`"),
            );
        }
        let stem = self.file.path.trim_end_matches(".toml");
        let above = stem.strip_suffix(name.as_str());
        if !above.is_some_and(|above| above.is_empty() || above.ends_with('/')) {
            let message = format!("the suite `{name}` is not named after its file");
            self.add(Diagnostic::new(&code::SUITE_NAME, span, message).label(format!("the file is `{stem}.toml`")));
        }
    }

    fn case(&mut self, suite: &str, table: &CaseTable) -> Case {
        self.is_exclusive = table.exclusive;
        self.id(table);
        self.texts(table);
        self.references(table);
        self.basis(table);
        let okta = table.okta.as_ref().map(|okta| self.okta(okta.get_ref()));
        self.events_need_an_app(table);
        let mut stage = okta.as_ref().map(Stage::new);
        let steps: Vec<Step> = table.step.iter().filter_map(|step| self.step_on(step, stage.as_mut())).collect();
        self.parallel(table);
        let golden = table.golden.as_ref().and_then(|path| self.golden(path, table));
        let readings = self.readings(table, &steps);
        self.names(okta.as_ref(), &steps, &readings, golden.as_ref());
        self.needed_or_lacking(table);
        let fuzz = table.fuzz.as_ref().map(|fuzz| self.fuzz(fuzz, table));
        let apps = table.okta.as_ref().map(|okta| self.apps(okta.get_ref())).unwrap_or_default();
        Case {
            id: format!("{suite}/{}", table.id.get_ref()),
            suite: suite.to_owned(),
            target: self.target,
            opt_in: self.opt_in,
            title: table.title.get_ref().clone(),
            rule: table.rule.get_ref().clone(),
            refs: table.refs.iter().map(|id| id.get_ref().clone()).collect(),
            level: *table.level.get_ref(),
            basis: table.basis.as_ref().map(|basis| *basis.get_ref()).unwrap_or_default(),
            bugs: table.bugs.iter().map(|row| *row.get_ref()).collect(),
            consequence: table.consequence.as_ref().map(|text| text.get_ref().clone()),
            mend: table.mend.as_ref().map(|text| text.get_ref().clone()),
            disputed: table.disputed.as_ref().map(|text| text.get_ref().clone()),
            requires: self.requires(suite, &table.requires),
            needs: table.needs.clone(),
            lacks: table.lacks.iter().map(|need| *need.get_ref()).collect(),
            given: self.given(table),
            readings,
            seed: table.seed.is_some(),
            exclusive: table.exclusive,
            apps,
            okta,
            golden,
            fuzz,
            steps,
            source: self.span(table.id.span()),
        }
    }

    /// Checks a step, then lets it change where everybody stands.
    fn step_on(&mut self, step: &toml::Spanned<StepTable>, stage: Option<&mut Stage>) -> Option<Step> {
        let step = self.step(step, stage.as_deref())?;
        if let (Action::Event(event), Some(stage)) = (&step.action, stage) {
            stage.perform(&event.action);
        }
        Some(step)
    }

    /// Steps at the same time are at least two, and a golden knows one order only.
    fn parallel(&mut self, table: &CaseTable) {
        let is_parallel =
            |step: &toml::Spanned<StepTable>| step.get_ref().parallel.as_ref().is_some_and(|it| *it.get_ref());
        for round in table.step.chunk_by(|one, next| is_parallel(one) && is_parallel(next)) {
            let Some(parallel) =
                round.iter().find(|step| is_parallel(step)).and_then(|step| step.get_ref().parallel.as_ref())
            else {
                continue;
            };
            let span = self.span(parallel.span());
            if round.len() == 1 {
                self.add(
                    Diagnostic::new(&code::BAD_PARALLEL, span, "a step cannot be parallel to nothing")
                        .label("neither the step before nor the one after is parallel"),
                );
            } else if let Some(golden) = &table.golden {
                let message = "a golden has its requests in one order";
                let diagnostic = Diagnostic::new(&code::BAD_PARALLEL, span, message)
                    .label("these steps come in any order")
                    .context(self.span(golden.span()), "the golden");
                self.add(diagnostic);
            }
        }
    }

    fn id(&mut self, table: &CaseTable) {
        let id = table.id.get_ref();
        if !is_kebab_case(id) {
            let span = self.span(table.id.span());
            self.add(
                Diagnostic::new(&code::NOT_KEBAB_CASE, span, format!("the id `{id}` is not in kebab-case"))
                    .label("lower-case words joined by `-`"),
            );
        }
    }

    fn texts(&mut self, table: &CaseTable) {
        let texts = [
            ("title", Some(&table.title)),
            ("rule", Some(&table.rule)),
            ("consequence", table.consequence.as_ref()),
            ("mend", table.mend.as_ref()),
            ("disputed", table.disputed.as_ref()),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                self.not_empty(key, text);
            }
        }
    }

    fn not_empty(&mut self, key: &str, text: &toml::Spanned<String>) {
        if text.get_ref().trim().is_empty() {
            let span = self.first_line(text.span());
            self.add(Diagnostic::new(&code::EMPTY_TEXT, span, format!("`{key}` is empty")).label("says nothing"));
        }
    }

    fn references(&mut self, table: &CaseTable) {
        let Some(catalog) = self.catalog else { return };
        for id in table.refs.iter().filter(|id| catalog.reference(id.get_ref()).is_none()) {
            let known = catalog.references.iter().map(|reference| reference.id.as_str()).collect::<Vec<_>>();
            let mut diagnostic = Diagnostic::new(
                &code::UNKNOWN_REFERENCE,
                self.span(id.span()),
                format!("unknown clause `{}`", id.get_ref()),
            )
            .label("not in references.toml");
            if let Some(near) = crate::diagnostic::nearest(id.get_ref(), &known) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.add(diagnostic);
        }
        for row in table.bugs.iter().filter(|row| catalog.bug(*row.get_ref()).is_none()) {
            let message = format!("unknown vendor bug {}", row.get_ref());
            let span = self.span(row.span());
            self.add(Diagnostic::new(&code::UNKNOWN_BUG, span, message).label("not a row of vendor-bugs.toml"));
        }
    }

    /// A standard that demands something does so in writing; what we conclude about Okta is no standard.
    fn basis(&mut self, table: &CaseTable) {
        let Some(basis) = table.basis.as_ref().filter(|basis| *basis.get_ref() == Basis::Inferred) else { return };
        let level = table.level.get_ref();
        if *level != Level::Okta {
            let message = format!("an inferred rule cannot have the level `{level}`");
            self.add(
                Diagnostic::new(&code::OVERSTATED, self.span(basis.span()), message)
                    .label("what a standard says is not inferred")
                    .context(self.span(table.level.span()), "the level of a standard"),
            );
        }
    }

    fn needed_or_lacking(&mut self, table: &CaseTable) {
        for lacking in table.lacks.iter().filter(|lacking| table.needs.contains(lacking.get_ref())) {
            let message = format!("the case both needs and lacks `{}`", lacking.get_ref());
            let span = self.span(lacking.span());
            self.add(Diagnostic::new(&code::CONTRADICTION, span, message).label("in `needs`, too"));
        }
    }

    fn events_need_an_app(&mut self, table: &CaseTable) {
        if let (TargetKind::EventHook, Some(okta)) = (self.target, &table.okta) {
            let message = "a receiver of event hooks is provisioned by no app";
            let span = self.first_line(okta.span());
            self.add(Diagnostic::new(&code::MISFIT_KEY, span, message).label("does not fit `target = \"event-hook\"`"));
        }
        let mut events = table.step.iter().filter_map(|step| step.get_ref().event.as_ref()).peekable();
        match &table.okta {
            None => {
                for event in events {
                    let message = format!("`{}` needs an app", event.get_ref());
                    let diagnostic = Diagnostic::new(&code::NO_OKTA, self.span(event.span()), message)
                        .label("what it sends depends on the app")
                        .help("add `[case.okta]` with `app = \"catalog\"` above the steps");
                    self.add(diagnostic);
                }
            }
            Some(okta) if events.peek().is_none() => {
                let span = self.first_line(okta.span());
                let message = "the app has nothing to do";
                self.add(
                    Diagnostic::new(&code::OKTA_WITHOUT_EVENT, span, message).label("no step of the case has `do`"),
                );
            }
            Some(_) => {}
        }
    }

    fn template(&mut self, value: &toml::Spanned<String>) -> Template {
        Template::compile(&self.text(value), self.mistakes)
    }

    fn text(&self, value: &toml::Spanned<String>) -> Text {
        let (inner, _) = inside(&self.file.text, value.span());
        // An escape, or a line break that TOML left out: then only the whole has a place.
        if self.file.text.get(inner.clone()) == Some(value.get_ref()) {
            Text::verbatim(self.file, inner)
        } else {
            Text::opaque(value.get_ref().clone(), &self.span(value.span()))
        }
    }

    /// Returns the golden, if all of it can be read.
    fn golden(&mut self, path: &toml::Spanned<String>, table: &CaseTable) -> Option<Golden> {
        let folder = self.file.folder();
        let full = if folder.is_empty() { path.get_ref().clone() } else { format!("{folder}/{}", path.get_ref()) };
        let goldens = self.goldens;
        let Some(read) = goldens.get(&full) else {
            let message = format!("there is no golden `{full}`");
            let known = goldens.keys().map(String::as_str).collect::<Vec<_>>();
            let mut diagnostic =
                Diagnostic::new(&code::MISSING_GOLDEN, self.span(path.span()), message).label("not among the files");
            if let Some(near) = crate::diagnostic::nearest(&full, &known) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.add(diagnostic);
            return None;
        };
        self.used.push(full);
        let golden = read.whole.then(|| read.golden.clone())?;
        self.golden_follows(path, &golden, table);
        Some(golden)
    }

    fn golden_follows(&mut self, path: &toml::Spanned<String>, golden: &Golden, table: &CaseTable) {
        let events: Vec<_> = table.step.iter().filter_map(|step| step.get_ref().event.as_ref()).collect();
        for (block, event) in golden.blocks.iter().zip(&events) {
            let label = block.label.split_whitespace().next().unwrap_or("");
            if label != event.get_ref().name() {
                let message = format!("the golden has `{label}` where the case has `{}`", event.get_ref());
                return self.add(
                    Diagnostic::new(&code::GOLDEN_MISFIT, block.span.clone(), message)
                        .label("this block")
                        .context(self.span(event.span()), "this event"),
                );
            }
        }
        if golden.blocks.len() != events.len() {
            let message =
                format!("events in the case: {}, blocks in its golden: {}", events.len(), golden.blocks.len());
            let span = self.span(path.span());
            self.add(Diagnostic::new(&code::GOLDEN_MISFIT, span, message).label("one block for each event"));
        }
    }

    fn first_line(&self, range: Range<usize>) -> Span {
        let line = self.span(range.clone()).text().lines().next().map_or(0, str::len);
        self.span(range.start..range.start + line)
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    fn add(&mut self, mistake: Diagnostic) {
        self.mistakes.push(mistake);
    }
}

/// Returns the entries in the order of the file.
fn in_order<V>(
    entries: &BTreeMap<toml::Spanned<String>, toml::Spanned<V>>,
) -> Vec<(&toml::Spanned<String>, &toml::Spanned<V>)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Returns where the inside of a TOML string is, and the quote it has.
fn inside(text: &str, range: Range<usize>) -> (Range<usize>, char) {
    let raw = text.get(range.clone()).unwrap_or("");
    let quote = raw.chars().next().unwrap_or(' ');
    let length = match raw.get(..3) {
        Some("'''" | "\"\"\"") if raw.len() >= 6 => 3,
        _ if matches!(quote, '\'' | '"') && raw.len() >= 2 => 1,
        _ => 0,
    };
    let (mut start, end) = (range.start + length, range.end - length);
    // TOML 1.0: a line break right after the opening quotes is not part of the string.
    if length == 3 {
        start += ["\r\n", "\n"].iter().find(|newline| text[start..end].starts_with(**newline)).map_or(0, |it| it.len());
    }
    (start..end, quote)
}

fn is_kebab_case(id: &str) -> bool {
    id.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
