//! One chapter of a lifecycle story: what happened in the org, what was sent because of it, what came of that.

use crate::{Exchange, Outcome};
use serde::{Deserialize, Serialize};

/// A chapter that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChapterRecord {
    /// The chapter's full id, `story/chapter`.
    pub id: String,
    /// What it is about, in a line.
    pub title: String,
    /// What happened in the org, in order.
    pub deeds: Vec<Deed>,
    /// What was sent, app by app.
    pub apps: Vec<AppPart>,
    /// The cases the chapter was judged by, in the order written.
    pub verdicts: Vec<ChapterVerdict>,
}

/// Something that happened in the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When, as the org's clocks show it.
    pub at: String,
    /// What, in a line: `HR: Lucy Winter starts work`.
    pub text: String,
}

/// What one app did in a chapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppPart {
    /// The name of the app in the story.
    pub name: String,
    /// The base URL it pushes to.
    pub target: String,
    /// Whether that is an embedded specimen.
    pub specimen: bool,
    /// What was sent and answered, in order.
    pub exchanges: Vec<Exchange>,
    /// How what failed ended for the administrator.
    pub tasks: Vec<String>,
    /// From the first request to the last answer, in milliseconds; absent where nothing was sent.
    pub pushed_ms: Option<u64>,
    /// From the first request until the service provider was seen to hold what is expected of it, in milliseconds.
    pub settled_ms: Option<u64>,
}

/// How one expectation of a chapter was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChapterVerdict {
    /// The id of the expectation inside its chapter.
    pub id: String,
    /// How it was met.
    pub outcome: Outcome,
    /// The first thing that was wrong, or why it could not be judged.
    pub reason: Option<String>,
}
