//! A flow as the seed defines it, checked as a whole.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::action::Action;
use super::condition::Condition;
use super::header::Headers;
use super::path::Path;
use super::trigger::{Trigger, did_you_mean, near};
use super::vendor::Vendor;

/// A flow: what starts it, on which condition, and its steps, one after the other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "File")]
pub struct Workflow {
    name: String,
    trigger: Trigger,
    condition: Option<Condition>,
    headers: Headers,
    steps: Vec<Action>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    name: String,
    on: Trigger,
    #[serde(rename = "if")]
    condition: Option<Condition>,
    /// Of every request of the flow.
    #[serde(default)]
    headers: Headers,
    #[serde(default, rename = "step")]
    steps: Vec<Action>,
}

impl TryFrom<File> for Workflow {
    type Error = String;

    fn try_from(file: File) -> Result<Workflow, String> {
        let File { name, on: trigger, condition, headers, steps } = file;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'.';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_word) {
            return Err(format!(
                "{name:?} is no name of a flow; up to {LONGEST_NAME} letters, digits, -, _ and . are, because URLs have it"
            ));
        }
        if steps.is_empty() || steps.len() > MOST_STEPS {
            return Err(format!("flow {name} has {} steps; a flow has 1 to {MOST_STEPS} [[flow.step]]", steps.len()));
        }
        let workflow = Workflow { name, trigger, condition, headers, steps };
        workflow.check_order().map_err(|why| format!("flow {}: {why}", workflow.name))?;
        Ok(workflow)
    }
}

impl Workflow {
    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what starts it.
    pub fn trigger(&self) -> Trigger {
        self.trigger
    }

    /// Returns its condition.
    pub fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref()
    }

    /// Returns its steps.
    pub fn steps(&self) -> &[Action] {
        &self.steps
    }

    /// Returns the sources of its secrets, such as `env:VENDOR_TOKEN`.
    pub fn secrets(&self) -> BTreeSet<&str> {
        self.headers.secrets().chain(self.steps.iter().flat_map(Action::secrets)).collect()
    }

    /// Returns the headers of every request.
    pub(super) fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Checks that it leads nowhere but to the base URLs of the seed.
    pub fn check(&self, vendor: &Vendor) -> Result<(), String> {
        for (number, step) in (1..).zip(&self.steps) {
            let used = step.paths().into_iter().filter(|path| path.root() == "vendor");
            for path in used {
                let name = path.name().unwrap_or_default();
                if vendor.base(name).is_none() {
                    let near = near(name, vendor.names());
                    return Err(format!("step {number}: [vendor] has no {name:?}{}", did_you_mean(&near)));
                }
            }
            let start = step.request().map(|call| call.url.text_at_start()).filter(|start| !start.is_empty());
            if start.is_some_and(|start| vendor.admit(start).is_none()) {
                return Err(format!(
                    "step {number}: {} leads to none of the origins of [vendor]; add a base URL there, and write \
                     ${{vendor.NAME}} for it",
                    step.title()
                ));
            }
        }
        Ok(())
    }

    /// Checks that nothing is used before it is there.
    fn check_order(&self) -> Result<(), String> {
        let mut saved = BTreeSet::new();
        if let Some(condition) = &self.condition {
            self.check_paths("if", &condition.paths(), &saved)?;
        }
        for (number, step) in (1..).zip(&self.steps) {
            let headers = step.request().map(|call| call.headers.over(&self.headers)).unwrap_or_default();
            let paths: Vec<&Path> = step.paths().into_iter().chain(headers.paths()).collect();
            self.check_paths(&format!("step {number}"), &paths, &saved)?;
            saved.extend(step.request().into_iter().flat_map(|call| call.save.keys().cloned()));
        }
        Ok(())
    }

    fn check_paths(&self, place: &str, paths: &[&Path], saved: &BTreeSet<String>) -> Result<(), String> {
        for path in paths {
            let name = path.name().unwrap_or_default();
            match path.root() {
                "save" if !saved.contains(name) => {
                    let near = near(name, saved.iter().map(String::as_str));
                    let question = did_you_mean(&near);
                    return Err(format!("{place} uses {path}, and no step before it saves {name:?}{question}"));
                }
                "user" | "group" | "app" | "event" | "changed" if matches!(self.trigger, Trigger::Daily { .. }) => {
                    return Err(format!(
                        "{place} uses {path}, and a schedule is about nobody; vendor, save and run are there"
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

const LONGEST_NAME: usize = 64;
const MOST_STEPS: usize = 50;
