//! Requests that are sent more than once: for each of some values, or for each page of a list.

use super::Checker;
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::StepTable;
use crate::plan::{Body, HeaderChange, Pages, Send};
use crate::source::Span;
use crate::template::{EACH, Part, Template};

/// As many resources as any server gives on one page.
const LARGEST_PAGE: u32 = 1000;

impl Checker<'_> {
    pub(super) fn each(&mut self, table: &StepTable) -> Vec<Template> {
        let Some(each) = &table.each else { return Vec::new() };
        if each.get_ref().is_empty() {
            let span = self.span(each.span());
            self.add(Diagnostic::new(&code::BAD_EACH, span, "`each` has no values").label("would never be sent"));
        }
        for (index, value) in each.get_ref().iter().enumerate() {
            if let Some(first) = each.get_ref()[..index].iter().find(|first| first.get_ref() == value.get_ref()) {
                let message = format!("the value {:?} is there twice", value.get_ref());
                let diagnostic = Diagnostic::new(&code::BAD_EACH, self.span(value.span()), message)
                    .label("there again")
                    .context(self.span(first.span()), "first here");
                self.add(diagnostic);
            }
        }
        each.get_ref().iter().map(|value| self.template(value)).collect()
    }

    pub(super) fn pages(&mut self, table: &StepTable) -> Option<Pages> {
        if let (Some(size), None) = (&table.page_size, &table.pages) {
            let span = self.span(size.span());
            self.add(Diagnostic::new(&code::LONELY_KEY, span, "`page-size` without `pages`").label("of which pages?"));
        }
        let by = *table.pages.as_ref()?.get_ref();
        let size = table.page_size.as_ref().map(|size| *size.get_ref());
        if let Some(written) = table.page_size.as_ref().filter(|size| !(1..=LARGEST_PAGE).contains(size.get_ref())) {
            let span = self.span(written.span());
            let message = "a page holds at least one resource";
            let label = format!("expected 1 to {LARGEST_PAGE}");
            self.add(Diagnostic::new(&code::BAD_PAGES, span, message).label(label));
        }
        Some(Pages { by, size })
    }

    /// Checks what a request that is sent more than once must be like.
    pub(super) fn repeated(&mut self, send: &Send, table: &StepTable, line: &Span) {
        let is_parallel = table.parallel.as_ref().is_some_and(|parallel| *parallel.get_ref());
        if let Some(each) = table.each.as_ref().filter(|_| !send.each.is_empty()) {
            let span = self.span(each.span());
            if is_parallel {
                let message = "the values of `each` come one after the other";
                self.add(Diagnostic::new(&code::BAD_EACH, span, message).label("in a step that is parallel"));
            } else if !templates_of(send).any(has_each) {
                let message = "no part of the request has `{{each}}`";
                self.add(Diagnostic::new(&code::BAD_EACH, span, message).label("all requests would be the same"));
            }
            self.each_fits_target(send, table);
        }
        if let Some(pages) = &table.pages {
            let target: String = send.target.parts().iter().map(part_text).collect();
            let path_and_query = target.split_once('?').unwrap_or((&target, ""));
            let parameter = |name: &str| {
                path_and_query.1.split('&').any(|pair| pair.split('=').next().is_some_and(|found| found == name))
            };
            let mistake = if send.method != "GET" {
                Some("only GET is asked page by page")
            } else if is_parallel {
                Some("one page comes after the other, in a step that is parallel")
            } else if !send.each.is_empty() {
                Some("one list is walked, not one for each value")
            } else if ["startIndex", "count", "cursor"].into_iter().any(parameter) {
                Some("the engine adds `startIndex`, `cursor` and `count`")
            } else if !parameter("filter") && !self.is_exclusive {
                Some("other cases change this list: filter for `{{run}}`, or make the case `exclusive`")
            } else {
                None
            };
            if let Some(label) = mistake {
                let diagnostic = Diagnostic::new(&code::BAD_PAGES, line.clone(), "these pages cannot be walked")
                    .label(label)
                    .context(self.span(pages.span()), "all pages");
                self.add(diagnostic);
            }
        }
    }

    /// A value that stands in a target as it is must be able to.
    fn each_fits_target(&mut self, send: &Send, table: &StepTable) {
        let is_raw = |part: &Part| matches!(part, Part::Variable { name, .. } if name == EACH[0]);
        if !send.target.parts().iter().any(is_raw) {
            return;
        }
        let leads = send.target.parts().first().is_some_and(is_raw);
        for (value, written) in send.each.iter().zip(table.each.iter().flat_map(|each| each.get_ref())) {
            let text: String = value.parts().iter().map(part_text).collect();
            let label = if !is_target_text(&text) {
                "not percent-encoded: use `{{each.encoded}}`, or encode it here"
            } else if leads && !text.starts_with('/') {
                "the target would not start with `/`"
            } else {
                continue;
            };
            let span = self.span(written.span());
            self.add(Diagnostic::new(&code::BAD_EACH, span, "this value cannot stand in a target").label(label));
        }
    }
}

/// Returns a part as it is, with a letter in place of a hole.
fn part_text(part: &Part) -> &str {
    match part {
        Part::Literal(text) => text,
        Part::Variable { .. } => "x",
    }
}

/// RFC 3986 §3.3 and §3.4: what a path and a query are made of, as they cross the wire.
fn is_target_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte))
}

fn has_each(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Variable { name, .. } if EACH.contains(&name.as_str())))
}

/// Returns the parts of every template of a request.
fn templates_of(send: &Send) -> impl Iterator<Item = &[Part]> {
    let headers = send.headers.iter().filter_map(|(_, change)| match change {
        HeaderChange::Set(value) => Some(value.parts()),
        HeaderChange::Remove => None,
    });
    let body = send.body.as_ref().and_then(|body| match body {
        Body::Json(json) => Some(json.parts()),
        Body::Text(text) => Some(text.parts()),
        Body::Saved { with, .. } => with.as_ref().map(|with| with.parts()),
    });
    let auth = match &send.auth {
        crate::plan::Auth::Raw(value) => Some(value.parts()),
        _ => None,
    };
    std::iter::once(send.target.parts()).chain(headers).chain(body).chain(auth)
}
