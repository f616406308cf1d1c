//! The readiness report in Markdown, as long as a comment on a pull request may be.

use super::model::{Attested, Claim, Row, Standing};
use super::{Readiness, STILL_REQUIRED};
use crate::markdown::literal::code;
use crate::text::{counted, grouped};

/// Returns the summary: the verdict, what stands in the way, and the tables without their evidence.
pub(super) fn document(report: &Readiness) -> String {
    let mut out = head(report);
    let mut missing = 0;
    for section in sections(report).into_iter().filter(|section| !section.is_empty()) {
        if missing == 0 && out.len() + section.len() + NOTE <= COMMENT {
            out.push_str(&section);
        } else {
            missing += 1;
        }
    }
    if missing > 0 {
        let what = counted(missing, "section");
        out.push_str(&format!("\n---\n\nNot shown for want of room: {what}; the HTML and JSON forms have all.\n"));
    }
    out
}

fn head(report: &Readiness) -> String {
    let verdict = &report.verdict;
    let name = report.integration.as_deref().map(|name| format!(" of {}", code(name))).unwrap_or_default();
    let mut out = format!("## OIN readiness{name}: {}\n\n{}\n\n", report.word(), code(&verdict.sentence));
    out.push_str(&format!("{STILL_REQUIRED}\n\n"));
    for run in report.runs.iter().take(RUNS) {
        let target = if run.specimen { "the embedded specimen".to_owned() } else { code(&run.target) };
        let cases = counted(run.cases, "case");
        let (seed, started) = (code(&run.seed), code(&run.started));
        out.push_str(&format!("- {}: {cases} against {target}, seed {seed}, {started}\n", code(&run.file)));
    }
    out
}

/// Returns the sections below the verdict, the most important first.
fn sections(report: &Readiness) -> Vec<String> {
    let reasons = report.verdict.reasons.iter().take(ROWS).map(|reason| format!("- {}\n", code(reason)));
    let tests = report.gates.iter().map(|gate| {
        let bad = gate.rows.iter().filter(|row| is_trouble(row)).map(line).collect::<String>();
        format!("\n{} {}\n\n{bad}", gate.standing.word(), code(&gate.title))
    });
    let plan = report.plan.iter().take(ROWS).map(|row| {
        let Row { id, title, standing, .. } = &row.row;
        format!("| {} | {} | {} | {} |\n", code(id), cell(title), cell(&row.class), standing.word())
    });
    let claims = report.operations.iter().filter(|operation| operation.finding != Claim::NotClaimed);
    let claims = claims.map(|operation| format!("| {} | {} |\n", cell(&operation.name), operation.finding.words()));
    let lints = report.manifest.lints.iter().take(ROWS).map(|lint| {
        let word = if lint.is_error { "error" } else { "warning" };
        format!("- {word} {} {}: {}\n", code(&lint.code), code(&lint.place), code(&lint.message))
    });
    let missing = report.manifest.missing.iter().map(|missing| format!("- missing: {}\n", code(missing)));
    let human = report.human.iter().take(ROWS).map(|item| {
        let box_ = if item.state == Attested::Attested { "x" } else { " " };
        let by = item.by.as_deref().map(|by| format!(" by {}", code(by))).unwrap_or_default();
        let on = item.on.as_deref().map(|on| format!(" on {}", code(on))).unwrap_or_default();
        format!("- [{box_}] {}: {}{by}{on}\n", code(&item.id), code(&item.what))
    });
    let rows = |rows: &[Row]| rows.iter().take(ROWS).map(line).collect::<String>();
    let risks = report.risks.iter().take(ROWS).map(|risk| format!("- {}: {}\n", code(&risk.title), code(&risk.told)));
    let slow = report
        .timing
        .buckets
        .iter()
        .map(|bucket| format!("| {} | {} |\n", cell(&bucket.name), grouped(bucket.answers)));
    vec![
        headed("What stands in the way", "", reasons.collect()),
        headed("Okta's own tests", "", tests.collect()),
        headed("Claims", "| operation | finding |\n|---|---|\n", claims.collect()),
        headed("The manifest", "", lints.chain(missing).collect()),
        headed("For people", "", human.collect()),
        headed("The manual test plan", "| row | what | by | stands |\n|---|---|---|---|\n", plan.collect()),
        headed("Stories", "", rows(&report.stories)),
        headed("Risks", "", risks.collect()),
        headed("Rules for every server", "", rows(&report.rules)),
        headed("How long answers took", "| answers | how many |\n|---|--:|\n", slow.collect()),
    ]
}

fn headed(title: &str, table: &str, body: String) -> String {
    if body.is_empty() { body } else { format!("\n### {title}\n\n{table}{body}") }
}

fn line(row: &Row) -> String {
    let told = if row.told.is_empty() { String::new() } else { format!(" – {}", code(&row.told)) };
    format!("- {} {}{told}\n", row.standing.word(), code(&row.title))
}

fn is_trouble(row: &Row) -> bool {
    matches!(row.standing, Standing::Failed | Standing::Unproven)
}

/// A bar would end the cell, in a code span too.
fn cell(text: &str) -> String {
    code(&text.replace('|', "¦"))
}

/// What GitHub takes as a comment, with room to spare.
const COMMENT: usize = 60_000;
const NOTE: usize = 200;
const ROWS: usize = 200;
const RUNS: usize = 12;
