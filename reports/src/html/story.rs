//! A story as it was told: chapter by chapter what happened in the org, what was sent because of it, what came of that.

use super::finding::Evidence;
use super::markup::Markup;
use super::{anchor, badge, message};
use crate::recording::Run;
use crate::text::{clip, counted, duration};
use scim_record::{AppPart, ChapterRecord, ChapterVerdict, Outcome};

/// Adds the section, if the run was a story.
pub(super) fn section(html: &mut Markup, run: &Run, chapters: &[ChapterRecord], evidence: &mut Evidence<'_>) {
    if chapters.is_empty() {
        return;
    }
    super::section(html, "story", "The story", |html| {
        html.element("ol", &[("class", "story")], |html| {
            for chapter in chapters {
                html.element("li", &[], |html| self::chapter(html, run, chapter, evidence));
            }
        });
    });
}

fn chapter(html: &mut Markup, run: &Run, chapter: &ChapterRecord, evidence: &mut Evidence<'_>) {
    html.leaf("h3", &[], &clip(&chapter.title, TEXT));
    html.element("ul", &[("class", "deeds")], |html| {
        for deed in &chapter.deeds {
            html.element("li", &[], |html| {
                html.leaf("span", &[("class", "id")], &clip(&deed.at, TEXT)).text(" ").text(&clip(&deed.text, TEXT));
            });
        }
    });
    chapter.apps.iter().for_each(|app| part(html, app, evidence));
    html.element("ul", &[("class", "verdicts")], |html| {
        for verdict in &chapter.verdicts {
            html.element("li", &[], |html| self::verdict(html, run, chapter, verdict));
        }
    });
}

fn part(html: &mut Markup, app: &AppPart, evidence: &mut Evidence<'_>) {
    html.element("p", &[("class", "part")], |html| {
        html.leaf("strong", &[], &clip(&app.name, TEXT)).text(" ");
        let place = if app.specimen { "embedded specimen" } else { app.target.as_str() };
        let mut told = clip(place, TEXT).into_owned();
        told.extend(app.pushed_ms.map(|ms| format!(" · pushed in {}", duration(ms))));
        told.extend(app.settled_ms.map(|ms| format!(" · as expected after {}", duration(ms))));
        html.leaf("span", &[("class", "quiet")], &told);
    });
    let begin = html.len();
    html.element("div", &[("class", "exchanges")], |html| {
        let mut shown = 0;
        for exchange in &app.exchanges {
            if !evidence.has_room_for(html.len() - begin) {
                break;
            }
            message::exchange(html, exchange, &app.target, false);
            shown += 1;
        }
        if let Some(more) = app.exchanges.len().checked_sub(shown + 1) {
            html.leaf("p", &[("class", "quiet")], &format!("And {}.", counted(more + 1, "more request")));
        }
    });
    evidence.take(html.len() - begin);
    for task in app.tasks.iter().take(TASKS) {
        html.element("p", &[("class", "task")], |html| {
            html.leaf("strong", &[], "Task").text(" ").text(&clip(task, TEXT));
        });
    }
}

fn verdict(html: &mut Markup, run: &Run, chapter: &ChapterRecord, verdict: &ChapterVerdict) {
    badge(html, verdict.outcome);
    html.text(" ");
    let id = format!("{}/{}", chapter.id, verdict.id);
    match run.cases.iter().find(|case| case.id == id && super::is_told(case)) {
        Some(case) => html.leaf("a", &[("href", &format!("#{}", anchor(case)))], &clip(&verdict.id, TEXT)),
        None => html.text(&clip(&verdict.id, TEXT)),
    };
    if let Some(reason) = verdict.reason.as_ref().filter(|_| verdict.outcome != Outcome::Pass) {
        html.text(" ").leaf("span", &[("class", "quiet")], &clip(reason, TEXT));
    }
}

const TEXT: usize = 300;
/// How many tasks of one app are told.
const TASKS: usize = 20;
