//! What is wrong with a file that a person wrote, where, and what to do about it.
//!
//! Suites have their codes here; other kinds of file bring their own.

mod codes;
mod story;

pub use codes::{CODES, Code};
pub use story::STORY_CODES;

pub(crate) use codes::*;
pub(crate) use story::*;

use crate::source::{SourceFile, Span};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// One mistake in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    code: &'static Code,
    message: String,
    span: Span,
    label: Box<str>,
    context: Vec<(Span, String)>,
    help: Option<Box<str>>,
    is_warning: bool,
}

impl Diagnostic {
    /// Returns a diagnostic that says one thing about one place.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            span,
            label: Box::default(),
            context: Vec::new(),
            help: None,
            is_warning: false,
        }
    }

    /// Makes it something worth knowing, and no mistake.
    pub fn warning(mut self) -> Self {
        self.is_warning = true;
        self
    }

    /// Says what is wrong with the very characters the caret is under.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into().into_boxed_str();
        self
    }

    /// Points out another place that has to do with it.
    pub fn context(mut self, span: Span, label: impl Into<String>) -> Self {
        self.context.push((span, label.into()));
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into_boxed_str());
        self
    }

    /// Says which of the candidates was probably meant, or else what all of them are.
    pub fn suggest<'a>(self, wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        match nearest(wrong, &candidates) {
            Some(right) => self.help(format!("did you mean `{right}`?")),
            None if candidates.is_empty() => self,
            None if candidates.len() > MOST_TOLD => self.help("suites/README.md has a table of them"),
            None => self.help(format!("known: {}", candidates.join(", "))),
        }
    }

    /// Returns the code, for example `S010`; `rehearsal explain` tells more about it.
    pub fn code(&self) -> &'static str {
        self.code.code
    }

    /// Tells whether it is worth knowing, and no mistake.
    pub fn is_warning(&self) -> bool {
        self.is_warning
    }

    /// Returns what is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns where.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Returns what the caret says; may be empty.
    pub fn label_text(&self) -> &str {
        &self.label
    }

    /// Returns what to do, if there is something to say.
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns the diagnostic as the compiler of a programming language would show it, with or without colour.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let level = if self.is_warning { Level::WARNING } else { Level::ERROR };
        let title = level.primary_title(self.message.as_str()).id(self.code.code);
        let help = self.help.as_deref().map(|help| Level::HELP.message(help));
        let group = title.elements(self.snippets()).elements(help);
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }

    /// One snippet for each file the diagnostic points into.
    fn snippets(&self) -> Vec<Snippet<'_, annotate_snippets::Annotation<'_>>> {
        let mut files: Vec<&Arc<SourceFile>> = vec![self.span.file()];
        for (span, _) in &self.context {
            if files.iter().all(|file| file.path != span.path()) {
                files.push(span.file());
            }
        }
        files.into_iter().map(|file| self.snippet(file)).collect()
    }

    fn snippet<'a>(&'a self, file: &'a SourceFile) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let mut snippet = Snippet::source(file.text.as_str()).path(file.path.as_str());
        if self.span.path() == file.path {
            snippet =
                snippet.annotation(AnnotationKind::Primary.span(one_line(&self.span)).label(non_empty(&self.label)));
        }
        for (span, label) in &self.context {
            if span.path() == file.path {
                snippet = snippet.annotation(AnnotationKind::Context.span(one_line(span)).label(non_empty(label)));
            }
        }
        snippet
    }

    /// Orders by file, then by place.
    pub(crate) fn order(&self) -> (String, usize, usize, &'static str) {
        let range = self.span.range();
        (self.span.path().to_owned(), range.start, range.end, self.code.code)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.span.location();
        write!(f, "{}:{}:{}: {} [{}]", place.file, place.line, place.column, self.message, self.code.code)
    }
}

impl std::error::Error for Diagnostic {}

/// Returns the candidate that a slip of the keyboard could have made into this word.
pub(crate) fn nearest<'a>(wrong: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let close = |candidate: &&str| strsim::damerau_levenshtein(wrong, candidate) <= 1 + candidate.len() / 5;
    let mut near: Vec<&str> = candidates.iter().copied().filter(close).collect();
    near.sort_by_key(|candidate| strsim::damerau_levenshtein(wrong, candidate));
    near.first().copied()
}

/// A caret under several lines hides more than it shows.
fn one_line(span: &Span) -> Range<usize> {
    let range = span.range();
    let length = span.text().lines().next().map_or(0, str::len);
    range.start..range.start + length
}

fn non_empty(label: &str) -> Option<&str> {
    (!label.is_empty()).then_some(label)
}

/// How many words a line of help lists.
const MOST_TOLD: usize = 40;
