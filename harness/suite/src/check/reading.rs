//! Readings of the standard, by which a case calibrates instead of judging.

use super::{Checker, is_kebab_case};
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{CaseTable, ReadingTable};
use crate::plan::{Action, Reading, Step};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn readings(&mut self, table: &CaseTable, steps: &[Step]) -> Vec<Reading> {
        let readings: Vec<Reading> = table.reading.iter().map(|reading| self.reading(reading)).collect();
        self.readings_differ(&readings);
        let is_whole = steps.len() == table.step.len();
        if let Some(first) = readings.first().filter(|_| is_whole) {
            self.last_step_can_be_read(&first.span, steps);
        }
        readings
    }

    fn reading(&mut self, table: &ReadingTable) -> Reading {
        let span = self.span(table.name.span());
        let name = table.name.get_ref();
        if !is_kebab_case(name) {
            self.add(
                Diagnostic::new(&code::NOT_KEBAB_CASE, span.clone(), format!("the name `{name}` is not in kebab-case"))
                    .label("lower-case words joined by `-`"),
            );
        }
        self.not_empty("meaning", &table.meaning);
        self.one_body(table.json.as_ref(), table.text.as_ref());
        if table.status.is_none() && table.json.is_none() && table.text.is_none() {
            let message = format!("the reading `{name}` fits every answer");
            let label = "has neither `status` nor `json` nor `text`";
            self.add(Diagnostic::new(&code::BAD_READING, span.clone(), message).label(label));
        }
        Reading {
            name: name.clone(),
            meaning: table.meaning.get_ref().clone(),
            status: self.statuses(table.status.as_ref()),
            json: table.json.as_ref().and_then(|json| self.pattern(json)),
            text: table.text.as_ref().map(|text| crate::Pattern::compile_text(&self.text(text), self.mistakes)),
            span,
        }
    }

    fn readings_differ(&mut self, readings: &[Reading]) {
        if let [only] = readings {
            let message = "a calibration needs readings to choose from";
            self.add(Diagnostic::new(&code::BAD_READING, only.span.clone(), message).label("the only reading"));
        }
        for (index, reading) in readings.iter().enumerate() {
            if let Some(first) = readings[..index].iter().find(|first| first.name == reading.name) {
                let message = format!("two readings are called `{}`", reading.name);
                let diagnostic = Diagnostic::new(&code::BAD_READING, reading.span.clone(), message)
                    .label("called so again")
                    .context(first.span.clone(), "first here");
                self.add(diagnostic);
            }
        }
    }

    /// The answer that is read is one: the last step is a request, sent once and alone.
    fn last_step_can_be_read(&mut self, reading: &Span, steps: &[Step]) {
        let Some(last) = steps.last() else { return };
        let label = match &last.action {
            Action::Event(_) => "an event has many answers, or none",
            Action::Send(_) if last.parallel => "one of several at the same time",
            Action::Send(send) if !send.each.is_empty() => "is sent once for each value",
            Action::Send(send) if send.pages.is_some() => "has an answer for each page",
            Action::Send(_) => return,
        };
        let diagnostic = Diagnostic::new(&code::BAD_READING, last.span.clone(), "readings are of one answer")
            .label(label)
            .context(reading.clone(), "this reading is of the last step");
        self.add(diagnostic);
    }
}
