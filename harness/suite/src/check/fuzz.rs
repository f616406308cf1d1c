//! `[case.fuzz]`: random inputs in place of steps.

use super::Checker;
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{CaseTable, FuzzTable, RegressionTable};
use crate::plan::{Fuzz, Regression};
use crate::word::{FuzzOver, TargetKind};
use std::collections::BTreeSet;

impl Checker<'_> {
    /// Checks the random inputs of a case, which has nothing else then.
    pub(super) fn fuzz(&mut self, fuzz: &toml::Spanned<FuzzTable>, table: &CaseTable) -> Fuzz {
        let (span, fuzz) = (self.first_line(fuzz.span()), fuzz.get_ref());
        self.nothing_beside_fuzz(&span, table);
        self.kinds(fuzz.over, &fuzz.only);
        let cases = match &fuzz.cases {
            None => DEFAULT_CASES,
            Some(cases) => u32::try_from(*cases.get_ref())
                .ok()
                .filter(|cases| (1..=MOST_CASES).contains(cases))
                .unwrap_or_else(|| {
                    let message = format!("{} inputs cannot be sent", cases.get_ref());
                    let span = self.span(cases.span());
                    self.add(Diagnostic::new(&code::BAD_FUZZ, span, message).label(format!("from 1 to {MOST_CASES}")));
                    DEFAULT_CASES
                }),
        };
        let mut inputs = BTreeSet::new();
        for regression in &fuzz.regression {
            self.regression(regression, &mut inputs);
        }
        let regressions = fuzz.regression.iter().map(|regression| Regression {
            found: regression.found.get_ref().clone(),
            input: regression.input.get_ref().clone(),
            note: regression.note.as_ref().map(|note| note.get_ref().clone()),
            span: self.span(regression.input.span()),
        });
        let regressions = regressions.collect();
        let only = fuzz.only.iter().map(|kind| kind.get_ref().clone()).collect();
        Fuzz { over: fuzz.over, cases, only, regressions, span }
    }

    /// Steps, an app, a golden and readings are about requests that somebody wrote.
    fn nothing_beside_fuzz(&mut self, fuzz: &crate::source::Span, table: &CaseTable) {
        let step = table.step.first().map(|step| ("steps", step.span()));
        let okta = table.okta.as_ref().map(|okta| ("app", okta.span()));
        let golden = table.golden.as_ref().map(|golden| ("golden", golden.span()));
        let reading = table.reading.first().map(|reading| ("readings", reading.name.span()));
        for (what, range) in [step, okta, golden, reading].into_iter().flatten() {
            let diagnostic = Diagnostic::new(
                &code::BESIDE_FUZZ,
                self.first_line(range),
                format!("a case with `[case.fuzz]` has no {what}"),
            )
            .label("does not fit random inputs")
            .context(fuzz.clone(), "the random inputs")
            .help("make two cases of it");
            self.add(diagnostic);
        }
        if self.target == TargetKind::EventHook {
            let message = "a receiver of event hooks is sent no random inputs";
            let label = "does not fit `target = \"event-hook\"`";
            self.add(Diagnostic::new(&code::BESIDE_FUZZ, fuzz.clone(), message).label(label));
        }
    }

    fn kinds(&mut self, over: FuzzOver, only: &[toml::Spanned<String>]) {
        let mut told = BTreeSet::new();
        for kind in only {
            let is_known = over.kinds().contains(&kind.get_ref().as_str());
            let is_twice = !told.insert(kind.get_ref());
            if is_known && !is_twice {
                continue;
            }
            let word = kind.get_ref();
            let (message, label) = match is_known {
                true => (format!("`{word}` is named twice"), "once is enough"),
                false => (format!("`{over}` knows no inputs called `{word}`"), "no such kind"),
            };
            let mut diagnostic = Diagnostic::new(&code::BAD_FUZZ, self.span(kind.span()), message).label(label);
            if !is_known {
                diagnostic = diagnostic.suggest(word, over.kinds().iter().copied());
            }
            self.add(diagnostic);
        }
    }

    fn regression<'t>(&mut self, regression: &'t RegressionTable, inputs: &mut BTreeSet<&'t str>) {
        self.not_empty("input", &regression.input);
        if let Some(note) = &regression.note {
            self.not_empty("note", note);
        }
        if !inputs.insert(regression.input.get_ref()) {
            let span = self.first_line(regression.input.span());
            self.add(Diagnostic::new(&code::BAD_FUZZ, span, "the input is there twice").label("sent already"));
        }
        if regression.found.get_ref().parse::<jiff::civil::Date>().is_err() {
            let span = self.span(regression.found.span());
            let message = format!("`{}` is no day", regression.found.get_ref());
            self.add(Diagnostic::new(&code::BAD_FUZZ, span, message).label("as in `2026-11-23`"));
        }
    }
}

const DEFAULT_CASES: u32 = 100;
const MOST_CASES: u32 = 100_000;
