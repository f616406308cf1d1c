//! What breaks Okta, the most harmful first: for whoever reads no further.

use super::markup::Markup;
use super::{anchor, area};
use crate::diagnostic;
use crate::text::{clip, counted, prose};
use scim_record::{Basis, CaseRecord};

/// Adds the section, if cases failed at all; `failed` comes in the order of harm.
pub(super) fn section(html: &mut Markup, failed: &[&CaseRecord]) {
    if failed.is_empty() {
        return;
    }
    let breaking = troubles(failed.iter().copied().filter(|case| area::breaks_okta(case)));
    super::section(html, "first", "What breaks Okta first", |html| {
        if breaking.is_empty() {
            let text = "Nothing, on evidence: what was found breaks the standards, or rests on inference.";
            html.leaf("p", &[("class", "lead")], text);
            return;
        }
        html.element("ol", &[("class", "first")], |html| {
            breaking.iter().take(SHOWN).for_each(|trouble| trouble.write(html));
        });
        if let Some(more) = breaking.len().checked_sub(SHOWN + 1) {
            html.element("p", &[("class", "quiet")], |html| {
                html.text(&format!("And {} of less harm, ", counted(more + 1, "trouble")));
                html.leaf("a", &[("href", "#findings")], "among the findings").text(".");
            });
        }
    });
}

/// One thing that an administrator would notice, and the cases that showed it.
struct Trouble<'a> {
    /// What happens in Okta.
    consequence: String,
    cases: Vec<&'a CaseRecord>,
}

/// Joins the cases that mean the same to an administrator, as those do that run once for each app.
fn troubles<'a>(cases: impl Iterator<Item = &'a CaseRecord>) -> Vec<Trouble<'a>> {
    let mut troubles: Vec<Trouble<'a>> = Vec::new();
    for case in cases {
        let consequence = prose(case.consequence.as_deref().unwrap_or(&case.rule));
        match troubles.iter_mut().find(|it| it.consequence == consequence) {
            Some(trouble) => trouble.cases.push(case),
            None => troubles.push(Trouble { consequence, cases: vec![case] }),
        }
    }
    troubles
}

impl Trouble<'_> {
    fn write(&self, html: &mut Markup) {
        html.element("li", &[], |html| {
            html.element("p", &[("class", "consequence")], |html| {
                html.leaf("span", &[("class", "chip")], area::of(&self.cases[0].suite).1.name).text(" ");
                html.text(&clip(&self.consequence, TEXT));
            });
            html.element("ul", &[], |html| {
                for case in self.cases.iter().take(CASES) {
                    html.element("li", &[], |html| link(html, case));
                }
                if let Some(more) = self.cases.len().checked_sub(CASES + 1) {
                    html.leaf("li", &[("class", "quiet")], &format!("and {}", counted(more + 1, "more case")));
                }
            });
        });
    }
}

fn link(html: &mut Markup, case: &CaseRecord) {
    html.leaf("a", &[("href", &format!("#{}", anchor(case)))], &clip(&case.title, TEXT)).text(" ");
    html.leaf("span", &[("class", "quiet")], &diagnostic::name(case));
    if case.basis == Basis::Captured {
        html.text(" ").leaf("span", &[("class", "quiet")], "· seen in Okta's traffic");
    }
}

/// How many troubles are told before the findings.
const SHOWN: usize = 10;
/// How many cases of one trouble are named.
const CASES: usize = 4;
const TEXT: usize = 400;
