//! The readiness report as a page, in the frame that all pages have.

use super::model::{Attested, Attribute, Claim, Evidence, Gate, Kept, Operation, PlanRow, Ready, Row, Standing};
use super::{Readiness, STILL_REQUIRED};
use crate::html::markup::Markup;
use crate::html::page::{Page, Section};
use crate::html::{section, table};
use crate::text::{clip, counted, grouped};

/// Returns the whole document.
pub(super) fn document(report: &Readiness) -> String {
    let title = report.integration.as_deref().unwrap_or("an integration");
    let page = Page {
        title: &format!("{}: {} – Rehearsal", report.word(), clip(title, TEXT)),
        kind: "OIN readiness",
        sections: &sections(report),
        foot: &format!(
            "Written by rehearsal {}, on Okta's material of release {}. Secrets were removed before anything was recorded.",
            report.version, report.okta_release
        ),
    };
    page.document(|html| {
        verdict(html, report);
        gates(html, &report.gates);
        plan(html, &report.plan);
        operations(html, &report.operations);
        attributes(html, &report.attributes);
        section(html, "rules", "Rules for every server", |html| rows(html, "Rules", &report.rules));
        timing(html, report);
        manifest(html, report);
        stories(html, &report.stories);
        human(html, report);
        risks(html, report);
        appendix(html, report);
    })
}

fn sections(report: &Readiness) -> Vec<Section> {
    let counted = |id, name, count| Section { id, name, count: Some(count) };
    let plain = |id, name| Section { id, name, count: None };
    vec![
        plain("verdict", "Verdict"),
        counted("gates", "Okta's tests", report.gates.len()),
        counted("plan", "Test plan", report.plan.len()),
        counted("operations", "Claims", report.operations.len()),
        plain("attributes", "Attributes"),
        plain("rules", "Rules"),
        plain("timing", "Timing"),
        counted("manifest", "Manifest", report.manifest.lints.len() + report.manifest.missing.len()),
        counted("stories", "Stories", report.stories.len()),
        counted("human", "For people", report.verdict.human),
        counted("risks", "Risks", report.risks.len()),
        plain("appendix", "Appendix"),
    ]
}

fn verdict(html: &mut Markup, report: &Readiness) {
    let class = match report.verdict.ready {
        Ready::Ready => "verdict good",
        Ready::ReadyExceptHuman => "verdict wait",
        Ready::NotReady => "verdict bad",
    };
    html.element("section", &[("id", "verdict"), ("class", class), ("aria-labelledby", "verdict-heading")], |html| {
        html.element("h1", &[("id", "verdict-heading")], |html| {
            html.leaf("span", &[("class", "word")], report.word()).text(" ");
            html.leaf("span", &[("class", "sentence")], &report.verdict.sentence);
        });
        facts(html, report);
        html.element("p", &[("class", "next")], |html| {
            html.leaf("strong", &[], "Still required").text(" ").text(STILL_REQUIRED);
        });
    });
    if !report.verdict.reasons.is_empty() {
        section(html, "reasons", "What stands in the way", |html| {
            html.element("ol", &[("class", "first")], |html| {
                for reason in report.verdict.reasons.iter().take(REASONS) {
                    html.element("li", &[], |html| {
                        html.leaf("p", &[("class", "consequence")], &clip(reason, TEXT));
                    });
                }
            });
            more(html, report.verdict.reasons.len(), REASONS, "reason");
        });
    }
}

fn facts(html: &mut Markup, report: &Readiness) {
    html.element("dl", &[("class", "facts")], |html| {
        fact(html, "App", report.integration.as_deref().unwrap_or("no manifest was given"));
        fact(html, "As", &report.profile);
        fact(html, "Auth", report.auth.as_deref().unwrap_or("not named; see the manifest"));
        fact(html, "Base URL", report.manifest.base_url.as_deref().unwrap_or("not named; see the manifest"));
        fact(html, "Okta", &format!("material of release {}", report.okta_release));
        for run in report.runs.iter().take(RUNS) {
            let target = if run.specimen { "the embedded specimen" } else { &run.target };
            let text = format!(
                "{} · {} · {} · seed {} · gate {} · {}",
                clip(&run.file, TEXT),
                clip(target, TEXT),
                counted(run.cases, "case"),
                run.seed,
                run.gate,
                run.started
            );
            fact(html, "Run", &text);
        }
    });
}

fn fact(html: &mut Markup, name: &str, value: &str) {
    html.element("div", &[], |html| {
        html.leaf("dt", &[], name).leaf("dd", &[], &clip(value, TEXT));
    });
}

fn gates(html: &mut Markup, gates: &[Gate]) {
    section(html, "gates", "Okta's own tests", |html| {
        let lead = "The requests of the files that Okta publishes for Runscope, in their order.";
        html.leaf("p", &[("class", "lead")], lead);
        for gate in gates {
            let open = [("class", "suite"), ("open", "open")];
            let is_open = gate.standing == Standing::Failed;
            html.element("details", if is_open { &open } else { &open[..1] }, |html| {
                html.element("summary", &[], |html| {
                    html.leaf("h3", &[], &clip(&gate.title, TEXT)).text(" ");
                    badge(html, gate.standing);
                    html.text(" ").leaf("span", &[("class", "quiet")], &clip(&gate.told, TEXT));
                });
                rows(html, &gate.title, &gate.rows);
            });
        }
    });
}

fn plan(html: &mut Markup, plan: &[PlanRow]) {
    section(html, "plan", "The manual test plan", |html| {
        let lead = "Numbers are Okta's, words are ours. What needs a person is never proven by the machine alone.";
        html.leaf("p", &[("class", "lead")], lead);
        table(html, "The manual test plan", &["Row", "By", "Stands", "Why"], plan, |html, row| {
            html.element("th", &[("scope", "row")], |html| {
                html.text(&clip(&row.row.title, TEXT)).text(" ");
                let id = format!("{} · {}", row.row.id, row.feature);
                html.leaf("span", &[("class", "id")], &id);
            });
            html.leaf("td", &[("class", "number")], &row.class);
            cells(html, &row.row);
        });
    });
}

fn operations(html: &mut Markup, operations: &[Operation]) {
    section(html, "operations", "What is claimed, and what works", |html| {
        let lead = "What would be ticked in the Wizard, against what the server showed.";
        html.leaf("p", &[("class", "lead")], lead);
        table(html, "Claims", &["Operation", "Claim and finding", "Why"], operations, |html, operation| {
            html.leaf("th", &[("scope", "row")], &operation.name);
            let class = match operation.finding {
                Claim::ClaimedAndWorks | Claim::Works => "pass",
                Claim::ClaimedAndFails | Claim::Fails => "fail",
                Claim::UnclaimedAndWorks | Claim::ClaimedAndUnproven => "warn",
                Claim::NotClaimed | Claim::Unproven => "none",
            };
            html.leaf("td", &[("class", class)], operation.finding.words());
            html.leaf("td", &[], &clip(&operation.told, TEXT));
        });
    });
}

fn attributes(html: &mut Markup, attributes: &[Attribute]) {
    section(html, "attributes", "Attributes", |html| {
        let lead = "What became of the values that Okta's requests carried: how often the answer kept them.";
        html.leaf("p", &[("class", "lead")], lead);
        let heads = ["Attribute", "Mapped", "In /Schemas", "Create", "PUT", "PATCH", "Empty taken", "In lists"];
        table(html, "Attributes", &heads, attributes.iter().take(ROWS), |html, attribute| {
            html.element("th", &[("scope", "row")], |html| {
                html.leaf("code", &[], &clip(&attribute.path, TEXT));
            });
            known(html, attribute.mapped);
            known(html, attribute.defined);
            for kept in [attribute.create, attribute.put, attribute.patch, attribute.empty] {
                ratio(html, kept);
            }
            known(html, attribute.listed);
        });
        more(html, attributes.len(), ROWS, "attribute");
    });
}

fn known(html: &mut Markup, claim: Option<bool>) {
    let (class, word) = match claim {
        Some(true) => ("pass", "yes"),
        Some(false) => ("none", "no"),
        None => ("none", "–"),
    };
    html.leaf("td", &[("class", class)], word);
}

fn ratio(html: &mut Markup, kept: Kept) {
    let (class, text) = match kept {
        Kept { tried: 0, .. } => ("none number", "–".to_owned()),
        Kept { tried, kept } if tried == kept => ("pass number", grouped(kept)),
        Kept { tried, kept } => ("warn number", format!("{} of {}", grouped(kept), grouped(tried))),
    };
    html.leaf("td", &[("class", class)], &text);
}

fn timing(html: &mut Markup, report: &Readiness) {
    let timing = &report.timing;
    section(html, "timing", "How long answers took", |html| {
        let lead = "Okta closes the connection after 60 s. Its own test allows 600 ms for the list of groups.";
        html.leaf("p", &[("class", "lead")], lead);
        if timing.answers == 0 {
            html.leaf("p", &[], "The runs hold no answers.");
            return;
        }
        let most = timing.buckets.iter().map(|bucket| bucket.answers).max().unwrap_or(1).max(1).to_string();
        table(html, "Timing", &["Answers", "How many", ""], &timing.buckets, |html, bucket| {
            html.leaf("th", &[("scope", "row")], &bucket.name);
            html.leaf("td", &[("class", "number")], &grouped(bucket.answers));
            html.element("td", &[], |html| {
                let view = format!("0 0 {most} 1");
                let bar = [
                    ("class", "bar"),
                    ("viewBox", view.as_str()),
                    ("preserveAspectRatio", "none"),
                    ("aria-hidden", "true"),
                ];
                let width = bucket.answers.to_string();
                html.element("svg", &bar, |html| {
                    html.void("rect", &[("class", "pass"), ("width", &width), ("height", "1")]);
                });
            });
        });
        let longest = format!("The longest took {:.0} ms: {}", timing.longest_ms, clip(&timing.longest, TEXT));
        html.leaf("p", &[("class", "quiet")], &longest);
    });
}

fn manifest(html: &mut Markup, report: &Readiness) {
    let manifest = &report.manifest;
    section(html, "manifest", "The manifest", |html| {
        match &manifest.file {
            None => {
                let text = "No manifest was given. rehearsal report readiness --manifest oin.toml checks what would be \
                            typed into the Wizard.";
                html.leaf("p", &[("class", "lead")], text);
            }
            Some(file) if manifest.lints.is_empty() => {
                html.leaf("p", &[("class", "lead")], &format!("Nothing is wrong in {}.", clip(file, TEXT)));
            }
            Some(_) => {}
        }
        if !manifest.lints.is_empty() {
            let heads = ["What is wrong", "What to do", "Where"];
            table(html, "Lints", &heads, manifest.lints.iter().take(ROWS), |html, lint| {
                html.element("th", &[("scope", "row")], |html| {
                    let (class, word) = if lint.is_error { ("badge fail", "ERROR") } else { ("badge warn", "WARNING") };
                    html.leaf("span", &[("class", class)], word).text(" ").text(&clip(&lint.message, TEXT)).text(" ");
                    html.leaf("span", &[("class", "id")], &lint.code);
                });
                html.leaf("td", &[], &clip(lint.help.as_deref().unwrap_or_default(), TEXT));
                html.element("td", &[], |html| {
                    html.leaf("code", &[], &clip(&lint.place, TEXT));
                });
            });
            more(html, manifest.lints.len(), ROWS, "lint");
        }
        if !manifest.missing.is_empty() {
            html.leaf("h3", &[], "Still missing");
            html.element("ul", &[], |html| {
                for missing in &manifest.missing {
                    html.leaf("li", &[], &clip(missing, TEXT));
                }
            });
        }
    });
}

fn stories(html: &mut Markup, stories: &[Row]) {
    section(html, "stories", "Stories", |html| {
        if stories.is_empty() {
            let text = "None was told in these runs. rehearsal okta run lucy BASE_URL --json lucy.json tells one.";
            html.leaf("p", &[("class", "lead")], text);
            return;
        }
        rows(html, "Stories", stories);
    });
}

fn human(html: &mut Markup, report: &Readiness) {
    section(html, "human", "What only a person can do", |html| {
        let lead = "Boxes are ticked by attest.toml, which says who looked and when.";
        html.leaf("p", &[("class", "lead")], lead);
        table(html, "For people", &["What", "Attested", "By"], report.human.iter().take(ROWS), |html, item| {
            html.element("th", &[("scope", "row")], |html| {
                html.text(&clip(&item.what, TEXT)).text(" ").leaf("span", &[("class", "id")], &clip(&item.id, TEXT));
            });
            let (class, word) = match item.state {
                Attested::Attested => ("pass", "☑ yes"),
                Attested::Open => ("warn", "☐ no"),
                Attested::Expired => ("fail", "☐ no longer"),
            };
            html.leaf("td", &[("class", class)], word);
            html.element("td", &[], |html| {
                let by = [item.by.as_deref(), item.on.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
                html.text(&clip(&by, TEXT));
                if let Some(note) = &item.note {
                    html.leaf("span", &[("class", "reason")], &clip(note, TEXT));
                }
            });
        });
        more(html, report.human.len(), ROWS, "item");
    });
}

fn risks(html: &mut Markup, report: &Readiness) {
    section(html, "risks", "Risks", |html| {
        let lead = "Where Okta's own material disagrees with itself, and where this report could not look.";
        html.leaf("p", &[("class", "lead")], lead);
        if report.risks.is_empty() {
            html.leaf("p", &[], "None that touches this integration.");
        }
        for risk in report.risks.iter().take(ROWS) {
            html.leaf("h3", &[], &clip(&risk.title, TEXT));
            html.leaf("p", &[], &clip(&risk.told, TEXT));
        }
    });
}

fn appendix(html: &mut Markup, report: &Readiness) {
    section(html, "appendix", "Appendix: the runs", |html| {
        let lead = "Both messages of every exchange stand in these JSON reports; --har writes them for network tools.";
        html.leaf("p", &[("class", "lead")], lead);
        let heads = ["Report", "Target", "Run", "Asked", "Requests", "Exit code"];
        table(html, "Runs", &heads, report.runs.iter().take(ROWS), |html, run| {
            html.leaf("th", &[("scope", "row")], &clip(&run.file, TEXT));
            html.leaf("td", &[], &clip(&run.target, TEXT));
            html.leaf("td", &[], &clip(&format!("{} with rehearsal {}", run.run, run.version), TEXT));
            let asked = if run.asked.is_empty() { "everything".to_owned() } else { run.asked.join(" ") };
            html.leaf("td", &[], &clip(&asked, TEXT));
            html.leaf("td", &[("class", "number")], &run.requests.to_string());
            html.leaf("td", &[("class", "number")], &run.exit.to_string());
        });
    });
}

/// Adds a table of rows with what shows them.
fn rows(html: &mut Markup, label: &str, rows: &[Row]) {
    table(html, label, &["What", "Stands", "Why"], rows.iter().take(ROWS), |html, row| {
        html.element("th", &[("scope", "row")], |html| {
            html.text(&clip(&row.title, TEXT)).text(" ").leaf("span", &[("class", "id")], &clip(&row.id, TEXT));
        });
        cells(html, row);
    });
    more(html, rows.len(), ROWS, "row");
}

/// Adds how a row stands, and why.
fn cells(html: &mut Markup, row: &Row) {
    html.element("td", &[], |html| badge(html, row.standing));
    html.element("td", &[], |html| {
        if !row.told.is_empty() {
            html.element("p", &[("class", "told")], |html| {
                html.text(&clip(&row.told, TEXT));
            });
        }
        if row.evidence.is_empty() {
            return;
        }
        html.element("details", &[], |html| {
            html.leaf("summary", &[("class", "quiet")], &counted(row.evidence.len(), "case"));
            html.element("ul", &[("class", "evidence")], |html| {
                for evidence in row.evidence.iter().take(CASES) {
                    html.element("li", &[], |html| self::evidence(html, evidence));
                }
                if let Some(more) = row.evidence.len().checked_sub(CASES + 1) {
                    html.leaf("li", &[("class", "quiet")], &format!("and {}", counted(more + 1, "more case")));
                }
            });
        });
    });
}

fn evidence(html: &mut Markup, evidence: &Evidence) {
    let class = format!("badge {}", evidence.outcome);
    html.leaf("span", &[("class", &class)], &evidence.outcome).text(" ");
    html.leaf("code", &[], &clip(&evidence.case, TEXT));
    if let Some(app) = &evidence.app {
        html.text(" ").leaf("span", &[("class", "quiet")], &clip(app, TEXT));
    }
    if let Some(told) = &evidence.told {
        html.leaf("span", &[("class", "reason")], &clip(told, TEXT));
    }
    for exchange in &evidence.exchanges {
        html.leaf("span", &[("class", "reason id")], &clip(exchange, TEXT));
    }
}

fn badge(html: &mut Markup, standing: Standing) {
    let class = match standing {
        Standing::Proven | Standing::Attested => "badge pass",
        Standing::Failed => "badge fail",
        Standing::HumanOpen => "badge warn",
        Standing::Unproven => "badge error",
        Standing::DoesNotApply => "badge",
    };
    html.leaf("span", &[("class", class)], standing.word());
}

fn more(html: &mut Markup, number: usize, shown: usize, noun: &str) {
    if let Some(more) = number.checked_sub(shown + 1) {
        html.leaf("p", &[("class", "quiet")], &format!("And {}; the JSON form has all.", counted(more + 1, noun)));
    }
}

const TEXT: usize = 400;
const ROWS: usize = 300;
const REASONS: usize = 40;
const RUNS: usize = 12;
/// How many cases of one row are named.
const CASES: usize = 12;
