//! The strip at the top: how the run ended, what was asked of whom, what it cost.

use super::markup::Markup;
use crate::recording::Run;
use crate::terminal::verdict;
use crate::text::{clip, counted, duration, grouped};
use scim_record::{Counts, Gate, RunInfo};

/// Adds the strip; `outcome` is the word and the sentence that say how the run ended.
pub(super) fn strip(html: &mut Markup, run: &Run, (word, sentence): (&str, &str)) {
    let class = match word {
        "PASSED" => "verdict good",
        "INCOMPLETE" | "UNREACHABLE" | "INTERRUPTED" | "NOTHING JUDGED" => "verdict broken",
        _ => "verdict bad",
    };
    html.element("section", &[("id", "verdict"), ("class", class), ("aria-labelledby", "verdict-heading")], |html| {
        html.element("h1", &[("id", "verdict-heading")], |html| {
            html.leaf("span", &[("class", "word")], word).text(" ");
            html.leaf("span", &[("class", "sentence")], sentence);
        });
        counts(html, &run.summary.counts, run.info.cases);
        facts(html, run);
        for advice in verdict::next(run) {
            html.element("p", &[("class", "next")], |html| {
                html.leaf("strong", &[], "Next").text(" ").text(&advice);
            });
        }
    });
}

/// Returns what was tested, in a few words.
pub(super) fn target(info: &RunInfo) -> String {
    if info.specimen { "the embedded specimen".to_owned() } else { clip(&info.target, TEXT).into_owned() }
}

/// Adds how many cases ended how: a bar for the eye, and the numbers.
fn counts(html: &mut Markup, counts: &Counts, chosen: usize) {
    let parts = [
        (counts.fail, "fail", "failed"),
        (counts.fixed, "fixed", "fixed"),
        (counts.error, "error", "errored"),
        (counts.warn, "warn", "warned"),
        (counts.pass, "pass", "passed"),
        (counts.known, "known", "known to fail"),
        (counts.skip, "skip", "not judged"),
        (chosen.saturating_sub(counts.total()), "never", "never ran"),
    ];
    let parts = parts.iter().filter(|(number, ..)| *number > 0);
    let total = chosen.max(counts.total()).max(1).to_string();
    let view = format!("0 0 {total} 1");
    html.element(
        "svg",
        &[("class", "bar"), ("viewBox", &view), ("preserveAspectRatio", "none"), ("aria-hidden", "true")],
        |html| {
            let mut x = 0;
            for (number, class, _) in parts.clone() {
                let (at, width) = (x.to_string(), number.to_string());
                html.void("rect", &[("class", class), ("x", &at), ("y", "0"), ("width", &width), ("height", "1")]);
                x += number;
            }
        },
    );
    html.element("ul", &[("class", "counts")], |html| {
        for (number, class, name) in parts {
            html.element("li", &[("class", class)], |html| {
                html.leaf("strong", &[], &grouped(*number)).text(" ").text(name);
            });
        }
    });
}

fn facts(html: &mut Markup, run: &Run) {
    let (info, summary) = (&run.info, &run.summary);
    let requests = counted(usize::try_from(summary.requests).unwrap_or(usize::MAX), "request");
    let retries = usize::try_from(summary.retries).unwrap_or(usize::MAX);
    html.element("dl", &[("class", "facts")], |html| {
        fact(html, "Target", |html| {
            if info.specimen {
                html.text("the embedded specimen, at ");
            }
            html.leaf("code", &[], &clip(&info.target, TEXT));
        });
        if info.tls_unverified {
            fact(html, "TLS", |html| {
                html.leaf("strong", &[], "not verified");
                html.text(": whoever answered was believed to be the target (--insecure)");
            });
        }
        fact(html, "Asked", |html| asked(html, info));
        fact(html, "Gate", |html| {
            html.leaf("strong", &[], info.gate.name()).text(&format!(" fails on {}", meaning(info.gate)));
        });
        fact(html, "Sent", |html| {
            html.text(&format!("{requests} in {}", duration(summary.time_ms)));
            if retries > 0 {
                html.text(&format!(", {} of them again after a connection failed", grouped(retries)));
            }
        });
        fact(html, "Began", |html| {
            html.leaf("time", &[("datetime", &info.started)], &info.started.replace('T', " ").replace('Z', " UTC"));
        });
        fact(html, "Seed", |html| {
            html.leaf("code", &[], &info.seed).text(" sends the same bytes again");
        });
        fact(html, "Run", |html| {
            html.leaf("code", &[], &info.run).text(" begins every name it made");
        });
        fact(html, "Exit code", |html| {
            html.text(&summary.exit.to_string());
        });
    });
}

fn fact(html: &mut Markup, name: &str, value: impl FnOnce(&mut Markup)) {
    html.element("div", &[], |html| {
        html.leaf("dt", &[], name).element("dd", &[], value);
    });
}

fn asked(html: &mut Markup, info: &RunInfo) {
    html.text(&counted(info.cases, "case"));
    if let Some(part) = &info.part {
        html.text(&format!(", part {} of {}", part.number, part.of));
    }
    if info.asked.is_empty() {
        html.text(", nothing left out");
        return;
    }
    html.text(": ");
    for word in info.asked.iter().take(ASKED) {
        html.leaf("code", &[], &clip(word, TEXT)).text(" ");
    }
    if let Some(more) = info.asked.len().checked_sub(ASKED + 1) {
        html.text(&format!("and {} more", grouped(more + 1)));
    }
}

/// Says what a gate fails on.
fn meaning(gate: Gate) -> &'static str {
    match gate {
        Gate::Okta => "what breaks or misleads Okta, and on any server error, hang or foreign object",
        Gate::Rfc => "what breaks or misleads Okta, on server errors, and on every undisputed MUST of the RFCs",
        Gate::Strict => "what breaks or misleads Okta, on server errors, and on every MUST and SHOULD of the RFCs",
    }
}

const TEXT: usize = 200;
/// How many words of what was asked are shown.
const ASKED: usize = 12;
