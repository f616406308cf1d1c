//! A script and its feeds → a story, or everything that is wrong with them.

use super::Story;
use super::table::{ChapterTable, StoryTable};
use crate::catalog::Catalog;
use crate::check::Checker;
use crate::diagnostic::Diagnostic;
use crate::shape;
use crate::source::SourceFile;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a file tells a story rather than holding cases: its first key is `story`.
pub fn is_story(file: &SourceFile) -> bool {
    let first = file.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let key = first.and_then(|line| line.strip_prefix("story"));
    key.is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// Checks a script, and returns the story it tells. `feed` returns the file of this path beside the script; what it answers
/// otherwise is why there is none.
///
/// # Errors
/// Every mistake in script and feeds, sorted by file and place.
pub fn load_story(
    script: &SourceFile,
    feed: &dyn Fn(&str) -> Result<SourceFile, String>,
    catalog: &Catalog,
) -> Result<Story, Vec<Diagnostic>> {
    let file = Arc::new(script.clone());
    let (mut mistakes, goldens) = (Vec::new(), BTreeMap::new());
    let shaped = shape::with_tables::<StoryTable, ChapterTable>(&file, "chapter", "a story", &mut mistakes);
    // A chapter of the wrong shape is missing from all that follows it, so nothing more is looked at.
    let story = shaped.filter(|_| mistakes.is_empty()).and_then(|(mut table, chapters)| {
        table.chapter = chapters;
        Checker::new(&file, &goldens, Some(catalog), &mut mistakes).story(&table, feed)
    });
    match story {
        Some(story) if mistakes.is_empty() => Ok(story),
        _ => {
            mistakes.sort_by_key(Diagnostic::order);
            mistakes.dedup();
            Err(mistakes)
        }
    }
}
