//! The readiness report: what a vendor brings to a submission to the Okta Integration Network, on one page.
//!
//! Here it is shown; what it says is decided by whoever fills in a [`Readiness`]. Its texts come from service providers
//! and from files that people wrote, and are treated as hostile either way.

mod html;
mod markdown;
mod model;

pub use model::{
    Attested, Attribute, Bucket, Claim, Evidence, Gate, HumanItem, Kept, Lint, Manifest, Operation, PlanRow, Readiness,
    Ready, Risk, Row, Run, Standing, Timing, Verdict,
};

use crate::{ReportError, file, json};
use std::path::Path;

impl Readiness {
    /// The version of the JSON form.
    pub const SCHEMA_VERSION: u32 = 1;

    /// Returns the page for people.
    pub fn html(&self) -> String {
        html::document(self)
    }

    /// Returns the summary for a pull request.
    pub fn markdown(&self) -> String {
        markdown::document(self)
    }

    /// Returns the form for programs; `readiness.schema.json` describes it.
    pub fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts, numbers and lists of them always serialise");
        json::inert(&text) + "\n"
    }

    /// Returns the lines for a terminal: the verdict, what stands in the way, and what is left to people.
    pub fn text(&self) -> String {
        let mut out = format!("{} {}\n", self.word(), self.verdict.sentence);
        for reason in self.verdict.reasons.iter().take(REASONS) {
            out.push_str(&format!("  {reason}\n"));
        }
        if let Some(more) = self.verdict.reasons.len().checked_sub(REASONS + 1) {
            out.push_str(&format!("  and {} more\n", more + 1));
        }
        out.push_str(&format!("  note   {STILL_REQUIRED}\n"));
        crate::harmless(&out)
    }

    /// Writes a form of the report to a file, whole or not at all.
    ///
    /// # Errors
    /// If the file, or a folder above it, cannot be written.
    pub fn write(path: &Path, text: &str) -> Result<(), ReportError> {
        file::write(path, text.as_bytes())
    }

    /// Returns the verdict as a word.
    fn word(&self) -> &'static str {
        match self.verdict.ready {
            Ready::Ready => "READY",
            Ready::ReadyExceptHuman => "ALMOST READY",
            Ready::NotReady => "NOT READY",
        }
    }
}

/// What this report cannot stand for (Okta: OIN Wizard, test information).
const STILL_REQUIRED: &str = "Okta still asks for the links of Runscope runs; this report goes before them and does \
     not replace them.";
/// How many reasons the terminal tells.
const REASONS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_the_tree_is_the_one_of_these_types() {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<Readiness>();
        let text = serde_json::to_string_pretty(&schema).expect("a schema serialises") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/readiness.schema.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &text).expect("the schema can be written");
        }
        let found = std::fs::read_to_string(path).expect("the schema is in the tree");
        assert!(found == text, "readiness.schema.json is out of date; BLESS=1 rewrites it");
    }
}
