//! The report for programs: everything that is known about a run, in a documented and versioned form.

pub(crate) mod events;
pub(crate) mod format;
mod fuzz;

pub(crate) use format::SCHEMA_VERSION;

use crate::recording::{Recording, Run};
use crate::text::is_invisible;
use crate::{Report, ReportError, file};
use scim_record::Event;
use std::path::PathBuf;

/// The JSON report, written to a file; `report.schema.json` describes it.
#[derive(Debug)]
pub struct Json {
    path: PathBuf,
    recording: Recording,
}

impl Json {
    /// Reports to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Json { path: path.into(), recording: Recording::whole() }
    }
}

impl Report for Json {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        match self.recording.event(event)? {
            Some(run) => file::write(&self.path, document(&run).as_bytes()),
            None => Ok(()),
        }
    }
}

fn document(run: &Run) -> String {
    let report = format::Report::from(run);
    let text = serde_json::to_string_pretty(&report).expect("texts, numbers and lists of them always serialise");
    inert(&text) + "\n"
}

/// Escapes what may not be looked at raw; the values stay the same.
///
/// JSON outside its strings is printable ASCII without `#`, so whatever is found here stands inside a string, where
/// `\u` may replace it.
pub(crate) fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut last = ' ';
    for c in json.chars() {
        if is_invisible(c) || c == '\x7F' {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else if c == '#' && last == '#' {
            // `##[` and `##vso[` are commands to CI runners wherever they stand in a line of a log.
            out.push_str("\\u0023");
        } else {
            out.push(c);
        }
        last = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn markers_and_invisible_characters_are_escaped_without_changing_values() {
        let text = "x ##vso[a] ###[b] \u{202e}\u{9b}\u{e0041}\x7f \\##";
        let shown = inert(&Value::from(text).to_string());
        assert!(!shown.contains("##") && shown.is_ascii(), "{shown}");
        assert_eq!(serde_json::from_str::<Value>(&shown).expect("still JSON"), text);
    }

    proptest! {
        #[test]
        fn escaping_changes_no_value(text in "(\\PC|##|\\\\|\"|\\PC|[\u{80}-\u{9f}\u{2028}\u{202e}\u{e0001}]){0,40}") {
            let shown = inert(&serde_json::to_string_pretty(&[&text]).expect("a string serialises"));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&shown).expect("still JSON"), [text]);
        }
    }
}
