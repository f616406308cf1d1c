//! A chapter of a story, told when it is over: what happened, what was sent, what came of it.

use crate::diagnostic;
use crate::line::{Line, Role};
use crate::text::{clip, duration};
use crate::transcript;
use scim_record::{AppPart, ChapterRecord, ChapterVerdict, Deed, Exchange, Outcome};

/// Tells a chapter.
pub(super) fn chapter(chapter: &ChapterRecord, width: usize) -> Vec<Line> {
    let name = chapter.id.rsplit('/').next().unwrap_or(&chapter.id);
    let mut lines = vec![Line::of(Role::Strong, name).with(Role::Plain, &format!("  {}", clip(&chapter.title, TEXT)))];
    lines.extend(chapter.deeds.iter().map(deed));
    lines.extend(chapter.apps.iter().flat_map(|app| part(app, width)));
    lines.extend(chapter.verdicts.iter().map(|it| verdict(it, width)));
    lines
}

fn deed(deed: &Deed) -> Line {
    Line::of(Role::Faint, &format!("  {}  ", clip(&deed.at, TEXT))).with(Role::Plain, &clip(&deed.text, TEXT))
}

fn part(app: &AppPart, width: usize) -> Vec<Line> {
    let place = if app.specimen { "embedded specimen" } else { app.target.as_str() };
    let times = [
        app.pushed_ms.map(|ms| format!("pushed in {}", duration(ms))),
        app.settled_ms.map(|ms| format!("as expected after {}", duration(ms))),
    ];
    let times = times.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let head = Line::plain("  → ").with(Role::Strong, &clip(&app.name, TEXT));
    let head = head.with(Role::Faint, &format!("  {}", clip(place, TEXT)));
    let mut lines = vec![if times.is_empty() { head } else { head.with(Role::Faint, &format!(" · {times}")) }];
    lines.extend(app.exchanges.iter().take(CALLS).map(|exchange| call(exchange, &app.target, width)));
    if let Some(more) = app.exchanges.len().checked_sub(CALLS + 1) {
        lines.push(Line::of(Role::Faint, &format!("    … and {} more requests", more + 1)));
    }
    lines.extend(app.tasks.iter().map(|task| {
        Line::plain("    ").with(Role::Doubtful, "task").with(Role::Plain, &format!("  {}", clip(task, TEXT)))
    }));
    lines
}

fn call(exchange: &Exchange, base: &str, width: usize) -> Line {
    let (request, answer) = transcript::in_a_line(exchange, base);
    let answer = if exchange.step == "outage" { format!("→ {answer} · outage") } else { format!("→ {answer}") };
    let room = width.saturating_sub(answer.chars().count() + 6).max(40);
    let request: String = match request.char_indices().nth(room) {
        Some((end, _)) => format!("{}…", &request[..end]),
        None => request,
    };
    Line::plain(&format!("    {request}"))
        .pad_to(width.saturating_sub(answer.chars().count()), 1)
        .with(Role::Faint, &answer)
}

fn verdict(verdict: &ChapterVerdict, width: usize) -> Line {
    let (word, role) = diagnostic::word(verdict.outcome);
    let line = Line::plain("  ").with(role, &format!("{word:<5}")).with(Role::Plain, &format!(" {}", verdict.id));
    match verdict.reason.as_ref().filter(|_| verdict.outcome != Outcome::Pass) {
        Some(reason) => line.with(Role::Faint, &format!("  {}", clip(reason, width.max(TEXT)))),
        None => line,
    }
}

const TEXT: usize = 200;
/// How many requests of an app are told one by one.
const CALLS: usize = 40;
