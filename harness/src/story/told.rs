//! The words in which a story is told.

use mock_okta::hr::{Calendar, HrAction, HrChange, HrDeed, HrFeed};
use mock_okta::org::Org;
use scim_record::{CaseRecord, ChapterVerdict};
use scim_suite::Story;
use scim_suite::plan::EventAction;
use scim_suite::story::{InApp, Outage, OutageKind, StoryApp};

/// Tells what HR does to somebody; `happens` where Okta has a use for it.
pub(super) fn hr(org: &Org, action: &HrAction, happens: bool, calendar: &Calendar) -> String {
    let name = name(org, action);
    let text = match &action.deed {
        HrDeed::Hire { employee } => {
            let start = employee.start.filter(|day| calendar.start_of(*day) > action.at);
            let start = start.map_or_else(String::new, |day| format!(", who starts on {day}"));
            format!("HR hires {name}{start}")
        }
        HrDeed::Start => format!("{name} starts work"),
        HrDeed::Change(change) => format!("HR changes {name}: {}", changes(change)),
        HrDeed::GoOnLeave => format!("{name} goes on leave"),
        HrDeed::ReturnFromLeave => format!("{name} is back from leave"),
        HrDeed::Leave => format!("business closes on the last day of {name}"),
        HrDeed::Rehire(change) if change.is_empty() => format!("{name} is back"),
        HrDeed::Rehire(change) => format!("{name} is back: {}", changes(change)),
    };
    if happens { text } else { format!("{text} (Okta has nothing to do about it)") }
}

/// Tells what HR has dated.
pub(super) fn ahead(org: &Org, actions: &[HrAction], calendar: &Calendar) -> Vec<String> {
    let deed = |action: &HrAction| {
        let deed = match &action.deed {
            HrDeed::Start => "first day",
            HrDeed::GoOnLeave => "leave begins",
            HrDeed::ReturnFromLeave => "back from leave",
            HrDeed::Leave => "last day ends",
            HrDeed::Rehire(_) => "back",
            HrDeed::Hire { .. } | HrDeed::Change(_) => return None,
        };
        Some(format!("dated {} for {}: {deed}", calendar.shown(action.at), name(org, action)))
    };
    const MOST: usize = 6;
    let mut told: Vec<String> = actions.iter().filter_map(deed).collect();
    let more = told.len().saturating_sub(MOST);
    told.truncate(MOST);
    if more > 0 {
        told.push(format!("and {more} more dates"));
    }
    told
}

pub(super) fn feed(feed: &HrFeed) -> String {
    let number = feed.employees().len();
    format!("HR hands over its feed: {number} {}", if number == 1 { "person" } else { "people" })
}

pub(super) fn app(app: &StoryApp, story: &Story) -> String {
    let list = |names: &[String]| names.iter().map(|name| shown_group(story, name)).collect::<Vec<_>>().join(", ");
    let groups = if app.groups.is_empty() { String::new() } else { format!(", assigned to {}", list(&app.groups)) };
    let pushed =
        if app.push_groups.is_empty() { String::new() } else { format!(", pushes {}", list(&app.push_groups)) };
    format!("the administrator connects {} ({}){groups}{pushed}", app.name, app.id)
}

fn shown_group(story: &Story, name: &str) -> String {
    let is_everybody = story.groups.iter().any(|group| group.name == name && group.everybody);
    if is_everybody { format!("{name} (everybody)") } else { name.to_owned() }
}

pub(super) fn event(action: &EventAction, app: Option<&StoryApp>) -> String {
    let who = action.who().join(", ");
    let group = action.group().map(|group| format!("group {group}"));
    let names: Vec<String> = [Some(who).filter(|who| !who.is_empty()), group].into_iter().flatten().collect();
    let place = app.map(|app| format!(" in {}", app.name)).unwrap_or_default();
    let names = if names.is_empty() { String::new() } else { format!(" {}", names.join(", ")) };
    format!("the administrator: {}{names}{place}", action.kind())
}

pub(super) fn retries(app: &StoryApp, tasks: usize) -> String {
    format!("the administrator retries {tasks} {} of {}", if tasks == 1 { "task" } else { "tasks" }, app.name)
}

pub(super) fn in_app(app: &StoryApp, who: &str, change: &InApp) -> String {
    match change {
        InApp::Create(_) => format!("somebody makes an account for {who} in {} itself", app.name),
        InApp::Set(_) => format!("somebody changes the account of {who} in {} itself", app.name),
    }
}

pub(super) fn outage(outage: &Outage) -> String {
    let what = match outage.kind {
        OutageKind::Status { status, retry_after: None } => format!("is answered {status}"),
        OutageKind::Status { status, retry_after: Some(seconds) } => {
            format!("is answered {status} with Retry-After: {seconds}")
        }
        OutageKind::LosesRequest => "gets lost on the way".to_owned(),
        OutageKind::LosesAnswer => "arrives, and the answer gets lost".to_owned(),
    };
    let request = outage.method.as_ref().map_or_else(|| "request".to_owned(), |method| format!("{method} request"));
    let which = match outage.times {
        None => format!("every {request}"),
        Some(1) => format!("the next {request}"),
        Some(times) => format!("each of the next {times} {request}s"),
    };
    format!("outage of {}: {which} {what}", outage.app)
}

/// Returns how a chapter tells of one of its cases.
pub(super) fn verdict(record: &CaseRecord) -> ChapterVerdict {
    let id = record.id.rsplit('/').next().unwrap_or(&record.id).to_owned();
    let reason = record.findings.first().map(|finding| finding.message.clone()).or_else(|| record.reason.clone());
    ChapterVerdict { id, outcome: record.outcome, reason }
}

fn name(org: &Org, action: &HrAction) -> String {
    if let HrDeed::Hire { employee } = &action.deed {
        return employee.display_name();
    }
    let person = org.person(&org.person_id(&action.who));
    person.map_or_else(|| action.who.clone(), |person| person.profile.display_name.clone())
}

fn changes(change: &HrChange) -> String {
    let set = change.set.iter().map(|(key, value)| match value.as_str() {
        "" => format!("no {key}"),
        value => format!("{key} is {value:?}"),
    });
    let join = change.join.iter().map(|group| format!("joins {group}"));
    let quit = change.quit.iter().map(|group| format!("leaves {group}"));
    set.chain(join).chain(quit).collect::<Vec<_>>().join(", ")
}
