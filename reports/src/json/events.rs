//! The form of the event stream: one line for each event, what `events.schema.json` documents.
//!
//! Cases, exchanges and the summary have the form they have in the JSON report, and its version.

use super::format::{Case, Exchange, Gate, Outcome, Part, SCHEMA_VERSION, Summary};
use scim_record::Event;
use serde::Serialize;

/// One line of the event stream of a run of Rehearsal.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Line {
    /// The first line.
    RunStarted {
        /// The version of this form and of the JSON report's. Readers should refuse a version they do not know, and pass
        /// over events and members that they do not know.
        schema_version: u32,
        /// The program that runs: `rehearsal`.
        tool: String,
        /// The program's version.
        version: String,
        /// The service provider's base URL, without credentials.
        target: String,
        /// Whether the target is the specimen that is built into the program.
        specimen: bool,
        /// Whether connections are encrypted to somebody whose certificate nobody checks (`--insecure`).
        tls_unverified: bool,
        /// The run's id: the prefix of every name the run creates.
        run: String,
        /// The seed, as `0x…`; the same seed sends the same bytes.
        seed: String,
        /// What turns the run red.
        gate: Gate,
        /// When the run began, RFC 3339 in UTC.
        started: String,
        /// Which part of the cases the run has, or null where they are not divided.
        part: Option<Part>,
        /// What the cases were chosen by, as on a command line; empty where nothing was left out.
        asked: Vec<String>,
        /// How many cases were chosen.
        chosen: usize,
    },
    /// Requests of the run itself: discovery before the cases, clean-up after them.
    RunExchanges {
        /// What was sent and answered, in order.
        exchanges: Vec<Exchange>,
    },
    /// A case began. Several may run at a time.
    CaseStarted {
        /// The permanent id, `suite/case`.
        id: String,
        /// The Okta app it runs as, or null where the app plays no part.
        app: Option<String>,
    },
    /// A case ended. Cases end in any order.
    CaseFinished {
        /// The case and how it ended.
        case: Box<Case>,
    },
    /// A chapter of a story ended, after the cases it was judged by.
    ChapterFinished {
        /// What happened in it.
        chapter: Chapter,
    },
    /// The last line; a stream without it belongs to a run that was cut short.
    RunFinished {
        /// The run in numbers.
        summary: Summary,
    },
}

/// A chapter of a story.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Chapter {
    /// The chapter's id, `story/chapter`.
    id: String,
    /// What it is about, in a line.
    title: String,
    /// What happened in the org, in order.
    deeds: Vec<Deed>,
    /// What was sent, app by app.
    apps: Vec<AppPart>,
    /// How each expectation of the chapter was met, in the order written.
    verdicts: Vec<ChapterVerdict>,
}

/// Something that happened in the org.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Deed {
    /// When, as the org's clocks show it.
    at: String,
    /// What, in a line.
    text: String,
}

/// What one app did in a chapter.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AppPart {
    /// The name of the app in the story.
    name: String,
    /// The base URL it pushes to.
    target: String,
    /// Whether that is an embedded specimen.
    specimen: bool,
    /// What was sent and answered, in order.
    exchanges: Vec<Exchange>,
    /// How what failed ended for the administrator.
    tasks: Vec<String>,
    /// From the first request to the last answer, in milliseconds; null where nothing was sent.
    pushed_ms: Option<u64>,
    /// From the first request until the service provider was seen to hold what is expected of it, in milliseconds.
    settled_ms: Option<u64>,
}

/// How one expectation of a chapter was met.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ChapterVerdict {
    /// The id of the expectation inside its chapter.
    id: String,
    /// How it was met.
    outcome: Outcome,
    /// The first thing that was wrong, or why it could not be judged.
    reason: Option<String>,
}

impl Line {
    /// Returns the line that tells of an event; `chosen` is how many cases the run has.
    pub(crate) fn of(event: &Event, chosen: usize) -> Line {
        match event {
            Event::RunStarted(info) => Line::RunStarted {
                schema_version: SCHEMA_VERSION,
                tool: "rehearsal".to_owned(),
                version: info.version.clone(),
                target: info.target.clone(),
                specimen: info.specimen,
                tls_unverified: info.tls_unverified,
                run: info.run.clone(),
                seed: info.seed.clone(),
                gate: info.gate.into(),
                started: info.started.clone(),
                part: info.part.as_ref().map(Part::from),
                asked: info.asked.clone(),
                chosen: info.cases,
            },
            Event::RunExchanges(exchanges) => {
                Line::RunExchanges { exchanges: exchanges.iter().map(Exchange::from).collect() }
            }
            Event::CaseStarted { id, app } => Line::CaseStarted { id: id.clone(), app: app.clone() },
            Event::CaseFinished(case) => Line::CaseFinished { case: Box::new(case.as_ref().into()) },
            Event::ChapterFinished(chapter) => Line::ChapterFinished { chapter: chapter.as_ref().into() },
            Event::RunFinished(summary) => Line::RunFinished { summary: super::format::summary(summary, chosen) },
        }
    }
}

impl From<&scim_record::ChapterRecord> for Chapter {
    fn from(chapter: &scim_record::ChapterRecord) -> Chapter {
        Chapter {
            id: chapter.id.clone(),
            title: chapter.title.clone(),
            deeds: chapter.deeds.iter().map(|deed| Deed { at: deed.at.clone(), text: deed.text.clone() }).collect(),
            apps: chapter.apps.iter().map(AppPart::from).collect(),
            verdicts: chapter.verdicts.iter().map(ChapterVerdict::from).collect(),
        }
    }
}

impl From<&scim_record::AppPart> for AppPart {
    fn from(part: &scim_record::AppPart) -> AppPart {
        AppPart {
            name: part.name.clone(),
            target: part.target.clone(),
            specimen: part.specimen,
            exchanges: part.exchanges.iter().map(Exchange::from).collect(),
            tasks: part.tasks.clone(),
            pushed_ms: part.pushed_ms,
            settled_ms: part.settled_ms,
        }
    }
}

impl From<&scim_record::ChapterVerdict> for ChapterVerdict {
    fn from(verdict: &scim_record::ChapterVerdict) -> ChapterVerdict {
        ChapterVerdict { id: verdict.id.clone(), outcome: verdict.outcome.into(), reason: verdict.reason.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_the_stream_in_the_tree_is_the_one_of_these_types() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Line>();
        let text = serde_json::to_string_pretty(&schema).expect("a schema serialises") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/events.schema.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &text).expect("the schema can be written");
        }
        let found = std::fs::read_to_string(path).expect("the schema is in the tree");
        assert!(found == text, "events.schema.json is out of date; BLESS=1 rewrites it");
    }
}
